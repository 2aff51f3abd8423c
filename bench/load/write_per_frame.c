/* The limit: a server that does nothing but one write() per socket and event.

   write_per_frame PORT: accepts websockets on 127.0.0.1, answers 101 without looking at the request, throws away what
   clients say, and writes each line of its stdin as a text frame to every socket. Ends with stdin. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536
static uint8_t is_open[MOST];
static int highest;

/* The clients of the benchmark do not check the key's hash. */
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void fan_out(const char *line, size_t length) {
    static uint8_t frame[65536 + 4];
    size_t head = 2;
    frame[0] = 0x81;
    if (length < 126) {
        frame[1] = length;
    } else {
        frame[1] = 126;
        frame[2] = length >> 8;
        frame[3] = length & 0xff;
        head = 4;
    }
    memcpy(frame + head, line, length);
    for (int fd = 0; fd <= highest; fd++)
        if (is_open[fd] == 2 && write(fd, frame, head + length) < 0) is_open[fd] = 1;
}

static void read_events(void) {
    static char text[1 << 20];
    static size_t length;
    ssize_t got = read(0, text + length, sizeof text - length);
    if (got <= 0) exit(0);
    length += got;
    char *end;
    while ((end = memchr(text, '\n', length))) {
        if (end - text < 65536) fan_out(text, end - text);
        length -= end + 1 - text;
        memmove(text, end + 1, length);
    }
}

static void read_client(int fd) {
    char text[4096];
    ssize_t got = read(fd, text, sizeof text);
    if (got <= 0) {
        is_open[fd] = 0;
        close(fd);
    } else if (is_open[fd] == 1 && memmem(text, got, "\r\n\r\n", 4)) {
        if (write(fd, answer, sizeof answer - 1) > 0) is_open[fd] = 2;
    }
}

int main(int count, char **words) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0), yes = 1;
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(count > 1 ? atoi(words[1]) : 0), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096)) return 1;
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = listener}, happened[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &wish);
    wish.data.fd = 0;
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &wish);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int found = epoll_wait(poll, happened, 256, -1);
        for (int i = 0; i < found; i++) {
            int fd = happened[i].data.fd;
            if (fd == 0) read_events();
            else if (fd == listener) {
                int one = accept(listener, NULL, NULL);
                if (one < 0 || one >= MOST) continue;
                setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                is_open[one] = 1;
                if (one > highest) highest = one;
                wish.data.fd = one;
                epoll_ctl(poll, EPOLL_CTL_ADD, one, &wish);
            } else read_client(fd);
        }
    }
}
