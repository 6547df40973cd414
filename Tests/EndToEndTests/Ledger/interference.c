/*
 * Preloaded into a gateway (LD_PRELOAD): ends it by SIGKILL at one chosen moment, lets its writes to the
 * ledger fail, or shifts its clock.
 *
 *   LEDGER_FILE  what the paths of the ledger's files contain
 *   CRASH_WHEN   the moment is waited for while this file exists
 *   CRASH_AT     accepted          before anything is written to the ledger
 *                middle-of-write   half of the ledger's CRASH_COUNT-th write is done
 *                before-sync       all is written, nothing is asked of the disk yet
 *                before-send       before the first byte of a write leaves for Graph
 *                after-send        right after its last byte
 *                after-effect      Graph has answered it, and the answer is not read yet
 *                before-outcome    before the first write to the ledger after that
 *                middle-of-outcome half of that write is done
 *                before-answer     before the first byte of the caller's answer
 *                after-answer      right after its last byte
 *   CLOCK_AHEAD  so many seconds the wall clock is ahead, as if nobody had asked for so long
 *   FAIL_WHEN    while this file exists, writes to the ledger fail with the error that it names: ENOSPC, EROFS, EIO
 *
 * What is sent to Graph is plain HTTP/1.1 here. Only what a write does is looked at, so that one that is not meant goes on as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* How far the request has come. */
static atomic_int ledger_writes, is_sent, is_answered;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static int exists(const char *name) {
    const char *path = setting(name);
    return *path && access(path, F_OK) == 0;
}

static int is_moment(const char *moment) { return strcmp(setting("CRASH_AT"), moment) == 0 && exists("CRASH_WHEN"); }

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void end_at(const char *moment) {
    if (is_moment(moment)) end();
}

static int is_ledger(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || !*setting("LEDGER_FILE")) return 0;
    path[length] = 0;
    return strstr(path, setting("LEDGER_FILE")) != NULL;
}

/* 0, or the error that the next write to the ledger is to fail with. */
static int fault(void) {
    if (!exists("FAIL_WHEN")) return 0;
    char name[16] = "";
    int fd = open(setting("FAIL_WHEN"), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, name, sizeof name - 1) < 0) name[0] = 0;
        close(fd);
    }
    if (strncmp(name, "EROFS", 5) == 0) return EROFS;
    if (strncmp(name, "EIO", 3) == 0) return EIO;
    return ENOSPC;
}

/* ---- The ledger's files ---- */

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    __typeof__(&pwrite64) real = REAL(pwrite64);
    if (!is_ledger(fd)) return real(fd, bytes, count, offset);
    int error = fault();
    if (error) {
        errno = error;
        return -1;
    }
    if (exists("CRASH_WHEN")) {
        end_at("accepted");
        int is_half = 0;
        if (is_moment("middle-of-write")) {
            is_half = atomic_fetch_add(&ledger_writes, 1) + 1 >= atoi(setting("CRASH_COUNT"));
        } else if (atomic_load(&is_answered)) {
            end_at("before-outcome");
            is_half = is_moment("middle-of-outcome");
        }
        if (is_half) {
            real(fd, bytes, count / 2, offset);
            end();
        }
    }
    return real(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return pwrite64(fd, bytes, count, offset); }

static int synced(int fd, int (*real)(int)) {
    if (is_ledger(fd)) {
        int error = fault();
        if (error) {
            errno = error;
            return -1;
        }
        end_at("before-sync");
    }
    return real(fd);
}

int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }
int fsync(int fd) { return synced(fd, REAL(fsync)); }

/* ---- Sockets ---- */

static int begins(const char *bytes, size_t count, const char *text) {
    return count >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

/* What leaves, of a write to Graph or of a caller's answer. */
enum leaving { other, to_graph, to_caller };

static enum leaving about_to_leave(const void *bytes, size_t count) {
    enum leaving what = other;
    if (begins(bytes, count, "POST /beta/deviceManagement/")) what = to_graph;
    if (begins(bytes, count, "HTTP/1.1 20")) what = to_caller;
    if (what == other || !exists("CRASH_WHEN")) return other;
    end_at(what == to_graph ? "before-send" : "before-answer");
    return what;
}

static void has_left(enum leaving what) {
    if (what == to_graph) {
        atomic_store(&is_sent, 1);
        end_at("after-send");
    }
    if (what == to_caller) end_at("after-answer");
}

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    enum leaving what = about_to_leave(bytes, count);
    ssize_t sent = REAL(send)(fd, bytes, count, flags);
    has_left(what);
    return sent;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    enum leaving what = about_to_leave(bytes, count);
    ssize_t sent = REAL(write)(fd, bytes, count);
    has_left(what);
    return sent;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    enum leaving what = count > 0 ? about_to_leave(parts[0].iov_base, parts[0].iov_len) : other;
    ssize_t sent = REAL(writev)(fd, parts, count);
    has_left(what);
    return sent;
}

ssize_t recv(int fd, void *bytes, size_t count, int flags) {
    ssize_t received = REAL(recv)(fd, bytes, count, flags);
    if (received > 0 && atomic_load(&is_sent) && begins(bytes, received, "HTTP/1.1 204")) {
        end_at("after-effect");
        atomic_store(&is_answered, 1);
    }
    return received;
}

/* ---- The wall clock ---- */

static __typeof__(&clock_gettime) real_clock;
static long ahead;

__attribute__((constructor)) static void set_clock(void) {
    real_clock = REAL(clock_gettime);
    ahead = atol(setting("CLOCK_AHEAD"));
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!real_clock) set_clock();
    int code = real_clock(clock, time);
    if (code == 0 && clock == CLOCK_REALTIME) time->tv_sec += ahead;
    return code;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
