/* What the parts of the load generator share: its clients, their rooms, and the run that is under way. */
#ifndef LOAD_H
#define LOAD_H
#include "wire.h"

#define MARK '~'             /* begins a text of ours: ~RRRR.NNNNNNNNN, the run and the message's number */
#define MARK_SIZE 15
#define BUCKETS 2048         /* 64 per power of two: no latency is off by more than 1.6 % */

struct room { char name[48], epoch[64]; uint32_t members; };
struct run {
    uint32_t number, senders, messages, sent, acked, refused;
    uint64_t start, expected, heard, skipped, repeated;
    double rate;             /* messages a second */
    int *sender;             /* the clients that send, room by room in turn */
    uint32_t *next;          /* [client][sender of its room]: which of that sender's messages comes next */
    struct { uint32_t due, heard; uint64_t last; } *message;
    uint32_t latency[BUCKETS], ack[BUCKETS], complete[BUCKETS];
};

extern struct room *rooms;
extern struct run run;
extern struct client *clients;
extern int client_most, client_count, room_count, joined;

/* load.c */
uint64_t cpu(void);
void join(struct client *client);

/* run.c: what was sent, who heard it and how late */
bool begin(double rate, double seconds, uint32_t senders);
void forget(void);
void send_next(int size);
uint64_t intended(uint32_t number);
void heard(struct client *client, const char *text, uint64_t arrived);
void acked(uint32_t number, bool ok, uint64_t arrived);
uint64_t missing(void);
void command_run(double rate, double seconds, int size, uint32_t senders);

/* jitter.c: connections are cut and come back while messages are sent */
extern bool jittering;
void heard_in_jitter(struct client *client, uint32_t number, uint64_t arrived);
void command_jitter(double rate, double seconds, double every, double away);

/* histogram.c: as HDR's, 64 steps in each power of two */
void count(uint32_t *histogram, uint64_t value);
void print_histogram(const char *name, const uint32_t *histogram);
#endif
