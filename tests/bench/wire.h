/* The wire: Engine.IO clients on one thread. What packets mean is for `packet` to know. */
#ifndef WIRE_H
#define WIRE_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND 1000000ull    /* times are in microseconds, on CLOCK_MONOTONIC */

struct bytes { char *data; size_t size, room; };
struct client;
/* One TCP connection; a client that polls has a second one, for what it posts. */
struct wire { int fd; bool waiting; struct client *client; struct bytes in, out; };
enum phase { GONE, OPENING, CONNECTED, JOINED };
struct client {
    struct wire main, post;
    enum phase phase;
    bool polling, upgraded;
    char sid[128];
    struct bytes queue;      /* packets to post, each ended by a NUL */
    bool stalled, been;      /* reads no more; has joined before, hence knows what it missed */
    int room;
    uint64_t seq, order;     /* last number of the log heard; a digest of what was heard, in order */
    char pid[32], offset[32]; /* of a server with connection state recovery: what it restores a session by */
};

extern struct sockaddr_in server;
extern int opening, connected, cut;   /* clients in the handshake, past it, and lost to the server so far */
extern bool told;                     /* a line waits on stdin */

/* Called with every packet but the handshake's and pings; with the answer to CONNECT, when a client has come; and
 * when one is about to be gone. */
void packet(struct client *client, const char *text, size_t size, uint64_t arrived);
void came(struct client *client, const char *text, size_t size);
void leaving(struct client *client);

uint64_t now(void);
uint64_t number_after(const char *key, const char *from, const char *end, const char **found);
void start_watching(void);
void heed_stdin(void);
void open_client(struct client *client, bool polling);
void drop(struct client *client);
void lose(struct client *client);
void say(struct client *client, const char *packet);
void stop_reading(struct client *client);
void read_on(struct client *client);
void step(uint64_t until);
#endif
