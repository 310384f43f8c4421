/* Faults of one node's disk and clock, for LD_PRELOAD: the rig writes a few numbers into a file that
 * this maps, and the node's calls obey them from the next one on. Only the wall clock is changed:
 * CLOCK_BOOTTIME and CLOCK_MONOTONIC, which leases and elections run by, stay as they are.
 *
 *   VIGIE_CHAOS_CONTROL   the file; layout as struct control, written by ops/chaos/shim.py
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
  volatile int64_t sync_delay_ms;
  volatile int64_t wall_offset_ms;
  volatile int64_t sync_errno;  /* each sync fails with it */
  volatile int64_t write_errno; /* each write to a file fails with it */
  int64_t delayed, failed, moved; /* how often something was done */
};

static struct control none;
static struct control* control = &none;

__attribute__((constructor)) static void open_control(void) {
  const char* path = getenv("VIGIE_CHAOS_CONTROL");
  const int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at != MAP_FAILED) control = at;
}

#define REAL(name) \
  static __typeof__(name)* real; \
  if (real == NULL) real = (__typeof__(name)*)dlsym(RTLD_NEXT, #name)

/* 0: go on with the real sync. */
static int sync_fault(void) {
  const int64_t delay = control->sync_delay_ms;
  if (delay > 0) {
    const struct timespec wait = {delay / 1000, delay % 1000 * 1000000};
    __atomic_add_fetch(&control->delayed, 1, __ATOMIC_RELAXED);
    nanosleep(&wait, NULL);
  }
  if (control->sync_errno == 0) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
  errno = (int)control->sync_errno;
  return -1;
}

int fsync(int fd) {
  REAL(fsync);
  return sync_fault() == 0 ? real(fd) : -1;
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return sync_fault() == 0 ? real(fd) : -1;
}

/* Sockets, pipes and eventfds are no files; standard output and error are the rig's. */
static int is_refused(int fd) {
  struct stat info;
  const int64_t refused = control->write_errno;
  if (refused == 0 || fd <= 2 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
  errno = (int)refused;
  return 1;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(write);
  return is_refused(fd) ? -1 : real(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  REAL(pwrite64);
  return is_refused(fd) ? -1 : real(fd, bytes, size, at);
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  REAL(clock_gettime);
  const int done = real(clock, now);
  const int64_t offset = control->wall_offset_ms;
  if (done != 0 || offset == 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) {
    return done;
  }
  __atomic_add_fetch(&control->moved, 1, __ATOMIC_RELAXED);
  const int64_t nanos = now->tv_nsec + offset % 1000 * 1000000;
  now->tv_sec += offset / 1000 + (nanos < 0 ? -1 : nanos / 1000000000);
  now->tv_nsec = nanos < 0 ? nanos + 1000000000 : nanos % 1000000000;
  return 0;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
  (void)zone;
  struct timespec at;
  if (clock_gettime(CLOCK_REALTIME, &at) != 0) return -1;
  now->tv_sec = at.tv_sec;
  now->tv_usec = at.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec at;
  if (clock_gettime(CLOCK_REALTIME, &at) != 0) return -1;
  if (out != NULL) *out = at.tv_sec;
  return at.tv_sec;
}
