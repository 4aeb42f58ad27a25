/* Jitter: one client sends, and the connections of all others are cut on a timetable and come back. It counts who
 * has heard what in the end, how often, and how late: from when a message was due (latency); of what was due before
 * a client came back and reached it after, from when it began to come back (replay). */
#include "load.h"
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE (5 * SECOND)   /* after which a client that is refused, or not answered, tries again */

bool jittering;
static uint64_t *back;       /* [client]: when it last began to come back; 0 before, and while it is away */
static uint8_t *seen;        /* [client][message]: whether it was heard */
static uint32_t replay[BUCKETS];

void heard_in_jitter(struct client *client, uint32_t number, uint64_t arrived) {
    size_t who = (size_t)(client - clients);
    uint8_t *known = &seen[who * run.messages + number];
    if (*known) { run.repeated++; return; }
    *known = true;
    run.heard++;
    count(run.latency, arrived - intended(number));
    if (intended(number) < back[who]) count(replay, arrived - back[who]);
}

static void come_back(struct client *client) {
    if (client->phase != GONE) drop(client);
    back[client - clients] = now();
    open_client(client, false);
}

static void try_again(uint64_t at) {
    for (int i = 0; i < client_count; i++)
        if (clients[i].phase != JOINED && back[i] && at > back[i] + PATIENCE) come_back(&clients[i]);
}

void command_jitter(double rate, double seconds, double every, double away) {
    uint64_t used = cpu(), heard = 0, cuts = 0, backs = 0;
    int others = client_count - 1, lost = cut;
    if (room_count != 1 || others < 1 || joined < client_count) {
        printf("{\"error\":\"all clients have to be in one room, and two at least\"}\n");
        return;
    }
    if (!begin(rate, seconds, 1)) return;
    jittering = true;
    seen = calloc((size_t)client_count * run.messages, sizeof *seen);
    back = calloc((size_t)client_count, sizeof *back);
    for (int i = 0; i < BUCKETS; i++) replay[i] = 0;
    double turn = every * SECOND / others;   /* from one cut to the next */
    uint64_t end = run.start + (uint64_t)(seconds * SECOND), since = end, at;
    uint64_t expected = (uint64_t)client_count * run.messages;
    /* After the end until all is heard, or nothing more has been for longer than a client's patience. */
    while ((at = now()) < end || backs < cuts || (run.heard < expected && at - since < PATIENCE + 3 * SECOND)) {
        while (run.sent < run.messages && intended(run.sent) <= at) send_next(80);
        for (; cuts * turn < seconds * SECOND && run.start + cuts * turn <= at; cuts++) {
            back[1 + cuts % (uint64_t)others] = 0;
            drop(&clients[1 + cuts % (uint64_t)others]);
        }
        for (; backs < cuts && run.start + backs * turn + away * SECOND <= at; backs++)
            come_back(&clients[1 + backs % (uint64_t)others]);
        try_again(at);
        if (run.heard > heard || at < end) heard = run.heard, since = at;
        step(at + SECOND / 500);
    }
    printf("{\"sent\":%u,\"expected\":%llu,\"heard\":%llu,\"repeated\":%llu,\"acked\":%u,\"refused\":%u,"
           "\"cuts\":%llu,\"lost\":%d,\"seconds\":%.6f,\"cpu\":%.6f",
           run.sent, (unsigned long long)expected, (unsigned long long)run.heard,
           (unsigned long long)run.repeated, run.acked, run.refused, (unsigned long long)cuts, cut - lost,
           (double)(now() - run.start) / SECOND, (double)(cpu() - used) / SECOND);
    print_histogram("latency", run.latency);
    print_histogram("replay", replay);
    printf("}\n");
    free(seen), free(back);
    forget();                /* a later join asks for nothing of this */
    jittering = false;
}
