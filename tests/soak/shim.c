/* Loaded before the C library of a program under test: its wall clock is set by a file, and some of its writes are cut
 * short or interrupted.
 *
 * SHIM_CLOCK   a file of eight bytes: seconds that are added to the time of day, read at every question
 * SHIM_WRITES  writes to files whose path begins so are counted; where it is set,
 * SHIM_EVERY   every so many of them fails in this way:
 * SHIM_HOW     "short": only the first half is written; "eintr": nothing is, and the call was interrupted
 * SHIM_SEEN    a file that gets one letter for each
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *ahead;
static const char *prefix, *seen;
static long every;
static int is_short;
static atomic_long writes;

__attribute__((constructor)) static void begin(void)
{
    const char *clock = getenv("SHIM_CLOCK");
    if (clock) {
        int fd = open(clock, O_RDONLY | O_CLOEXEC);
        void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
        if (at == MAP_FAILED)
            abort();
        ahead = at;
        close(fd);
    }
    const char *how = getenv("SHIM_HOW"), *number = getenv("SHIM_EVERY");
    is_short = how && !strcmp(how, "short");
    every = number ? atol(number) : 0;
    seen = getenv("SHIM_SEEN");
    prefix = every > 0 ? getenv("SHIM_WRITES") : NULL;
}

int clock_gettime(clockid_t id, struct timespec *at)
{
    int answer = (int)syscall(SYS_clock_gettime, id, at);
    if (!answer && ahead && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        at->tv_sec += *ahead;
    return answer;
}

int gettimeofday(struct timeval *at, void *zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

/* Whether this write is one that fails. */
static int is_hit(int fd, size_t length)
{
    char link[64], path[4096];
    if (!prefix || length < 2)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t end = readlink(link, path, sizeof path - 1);
    if (end < 0)
        return 0;
    path[end] = 0;
    if (strncmp(path, prefix, strlen(prefix)) || atomic_fetch_add(&writes, 1) % every != every - 1)
        return 0;
    int note = seen ? (int)syscall(SYS_openat, AT_FDCWD, seen, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    if (note >= 0) {
        syscall(SYS_write, note, "x", 1);
        close(note);
    }
    return 1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    if (is_hit(fd, length)) {
        if (!is_short) {
            errno = EINTR;
            return -1;
        }
        length /= 2;
    }
    return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (is_hit(fd, length)) {
        if (!is_short) {
            errno = EINTR;
            return -1;
        }
        length /= 2;
    }
    return syscall(SYS_write, fd, bytes, length);
}
