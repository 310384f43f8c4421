#!/usr/bin/env python3
"""Every metric that a node registers is set by it somewhere: one that stays at 0 for ever misleads.

Takes the handles from ops/telemetry/node_metrics.hpp and wants the node's sources to call set, add
or observe of each, or to pass it on; and wants each label value that is a literal in
node_metrics.cpp in some `.handle.of(...)`.
"""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
HANDLE = re.compile(r'^  (?:Counter|Gauge|Histogram)& (\w+);|^  Labelled<\w+> (\w+);', re.M)
# Set through a member function of the metrics, which then is what the node has to call.
THROUGH = {'role': 'set_role', 'digest': 'set_digest', 'digest_index': 'set_digest',
           'mode': 'set_mode'}
# A row of handles and the literal values of its label.
MADE = re.compile(r'\b(\w+)\(\s*(?:counters|gauges|histograms)\(m,[^(){}]*\{([^{}]*)\}\)')


def node_sources():
    paths = [p for top in ('actors', 'nodes', 'storage') for p in (ROOT / top).rglob('*.cpp')]
    return '\n'.join(p.read_text() for p in sorted(paths))


def keys(source, handle):
    """What stands in the brackets of every `.handle.of(...)` or `.at(...)`."""
    for at in re.finditer(r'[.>]%s\s*\.(?:of|at)\(' % handle, source):
        depth, end = 1, at.end()
        while depth:
            depth += {'(': 1, ')': -1}.get(source[end], 0)
            end += 1
        yield source[at.end():end - 1]


class EveryMetric(unittest.TestCase):
    header = (ROOT / 'ops/telemetry/node_metrics.hpp').read_text()
    made = (ROOT / 'ops/telemetry/node_metrics.cpp').read_text()
    source = node_sources()
    handles = [one or two for one, two in HANDLE.findall(header)]

    def test_is_set_by_the_node(self):
        self.assertGreater(len(self.handles), 45)
        for handle in set(self.handles) - {'build'}:  # set where it is made
            setter = THROUGH.get(handle)
            used = (r'[.>]%s\(' % setter if setter else
                    r'[.>]%s\s*(\.(of|at)\([^;]*?\))?\s*(\.(set|add|observe)\(|[,)])' % handle)
            with self.subTest(handle):
                self.assertTrue(re.search(used, self.source), f'{handle} is never set')

    def test_is_set_for_every_value_of_its_label(self):
        seen = 0
        for handle, values in MADE.findall(self.made):
            told = ' '.join(keys(self.source, handle))
            for value in re.findall(r'"(\w+)"', values) if handle not in THROUGH else []:
                seen += 1
                with self.subTest(handle):
                    self.assertTrue(f'"{value}"' in told, f'{handle}: {value} is never set')
        self.assertGreater(seen, 15)


if __name__ == '__main__':
    unittest.main()
