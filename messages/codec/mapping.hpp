// Private to the codec: the structs that several frames share, between their C++ and their schema
// form. write() fills a fresh builder; read() throws Refused or kj::Exception.
#pragma once

#include "messages/schema/vigie.capnp.h"
#include "messages/types/command.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/event.hpp"
#include "messages/types/exam.hpp"

namespace vigie::codec {

void write(const OrderKey& from, schema::OrderKey::Builder to);
void read(schema::OrderKey::Reader from, OrderKey& to);
void write(const ExamRef& from, schema::ExamRef::Builder to);
void read(schema::ExamRef::Reader from, ExamRef& to);
void write(const Request& from, schema::ExamRequest::Builder to);
void read(schema::ExamRequest::Reader from, Request& to);
void write(const Event& from, schema::Event::Builder to);
void read(schema::Event::Reader from, Event& to);

void write(const Command& from, schema::Command::Builder to);
/// A command that this build does not know becomes an UnknownCommand with its number.
void read(schema::Command::Reader from, Command& to);

void write_shift(const Shift& from, schema::Shift::Builder to);
void read_shift(schema::Shift::Reader from, Shift& to);
void write_site(const Site& from, schema::Site::Builder to);
void read_site(schema::Site::Reader from, Site& to);
void write(const Directory& from, schema::Directory::Builder to);
void read(schema::Directory::Reader from, Directory& to);

/// XXH3 of the command's canonical form: the same for the same command, however its sender laid it
/// out in segments, and also for fields that this build does not know.
std::uint64_t content_hash(schema::Command::Reader command);

}  // namespace vigie::codec
