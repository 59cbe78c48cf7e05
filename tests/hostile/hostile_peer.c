/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile-peer [OPTION…] PORT SECONDS: a hostile HTTP/2 peer on loopback that costs
 * next to nothing itself.
 *
 * Connects to 127.0.0.1:PORT, sends OPENING once, then UNIT over and over (a line each of stdin, in
 * hex); where UNIT says STREAM_MARK stands the id of the next stream. When the server ends the
 * connection, begins again, until the time is up. It knows nothing of attacks: run describes them.
 *
 *   -n N   so many connections at once
 *   -d MS  UNIT leaves one byte at a time, with a rest of MS after each
 *   -q     never reads
 *   -1     ends when the server has ended the connection or answered its only stream
 *
 * Says at the end, a line each: `connections` made, those `ended` by the server, `goaways`, `units`
 * sent, `answers` (header blocks) and `resets` received, `longest_ms` of a connection's life,
 * `cpu_us` spent, and `text`, the debug text of the last GOAWAY.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STREAM_MARK 0x7fabcdefU

enum {
	BATCH_SIZE = 32 << 10, /* units that are sent with one write */
	READ_SIZE = 64 << 10,
	DEAF_WINDOW = 4 << 10,
	FRAME_HEADER = 9,
	TEXT_SIZE = 128,
	TURN_MS = 20,
	REST_MS = 50, /* after a refused connection */

	FLAG_END_STREAM = 1,
	TYPE_HEADERS = 1,
	TYPE_RST_STREAM = 3,
	TYPE_GOAWAY = 7,
	GOAWAY_FIXED = 8, /* last stream id and error code before the text */
};

struct bytes {
	uint8_t *data;
	size_t length;
};

/* The frame that is being read. */
struct frame {
	uint8_t header[FRAME_HEADER];
	size_t n_header;
	size_t length, n_read; /* of the payload */
	char text[TEXT_SIZE];
};

struct peer {
	int fd; /* -1: none */
	size_t opening_sent;
	uint8_t *batch; /* whole units, this connection's own stream ids in them */
	size_t batch_length, batch_sent;
	uint32_t next_stream;
	int64_t began_ms, next_byte_ms;
	struct frame frame;
};

static struct bytes opening, unit;
static int n_peers = 1, drip_ms, port;
static bool deaf, once, is_answered;
static uint64_t n_connections, n_ended, n_goaways, n_units, n_answers, n_resets;
static int64_t longest_ms;
static char last_text[TEXT_SIZE];

static void
die(const char *what)
{
	fprintf(stderr, "hostile-peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct bytes
read_hex(void)
{
	char *text = NULL;
	size_t size;
	ssize_t n = getline(&text, &size, stdin);
	struct bytes bytes = {.length = n > 0 ? (size_t)n / 2 : 0};

	bytes.data = malloc(bytes.length + 1);
	for (size_t i = 0; i < bytes.length; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};

		bytes.data[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	free(text);
	return bytes;
}

static uint32_t
read_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return ntohl(value);
}

/* Units with the ids of the next streams, as many as one write is worth. */
static void
fill_batch(struct peer *peer)
{
	size_t n = drip_ms || unit.length > BATCH_SIZE ? 1 : BATCH_SIZE / unit.length;

	if (!peer->batch)
		peer->batch = malloc(n * unit.length);
	for (size_t i = 0; i < n; i++) {
		uint8_t *at = peer->batch + i * unit.length;
		uint32_t id = htonl(peer->next_stream);

		memcpy(at, unit.data, unit.length);
		peer->next_stream += 2;
		for (size_t j = 0; j + sizeof id <= unit.length; j++)
			if (read_u32(unit.data + j) == STREAM_MARK)
				memcpy(at + j, &id, sizeof id);
	}
	peer->batch_length = n * unit.length;
	peer->batch_sent = 0;
}

static void
begin(struct peer *peer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int on = 1, window = DEAF_WINDOW;

	free(peer->batch);
	*peer = (struct peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
			      .next_stream = 1,
			      .began_ms = now_ms()};
	if (peer->fd < 0)
		die("socket");
	if (deaf)
		setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
	if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(peer->fd);
		peer->fd = -1;
		peer->next_byte_ms = now_ms() + REST_MS;
		return;
	}
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	fcntl(peer->fd, F_SETFL, O_NONBLOCK);
	n_connections++;
}

static void
note_life(const struct peer *peer)
{
	int64_t life_ms = now_ms() - peer->began_ms;

	if (peer->fd >= 0 && life_ms > longest_ms)
		longest_ms = life_ms;
}

static void
ended(struct peer *peer)
{
	note_life(peer);
	n_ended++;
	is_answered = true;
	close(peer->fd);
	peer->fd = -1;
}

/* A frame whose payload, or as much of it as matters, is there. */
static void
take_frame(const struct frame *frame)
{
	switch (frame->header[3]) {
	case TYPE_HEADERS:
		n_answers++;
		is_answered |= frame->header[4] & FLAG_END_STREAM;
		break;
	case TYPE_RST_STREAM:
		n_resets++;
		is_answered = true;
		break;
	case TYPE_GOAWAY:
		n_goaways++;
		is_answered = true;
		if (frame->length > GOAWAY_FIXED)
			snprintf(last_text, sizeof last_text, "%s", frame->text + GOAWAY_FIXED);
		break;
	default:
		break;
	}
}

static void
parse(struct frame *frame, const uint8_t *data, size_t length)
{
	while (length > 0) {
		size_t n = length;

		if (frame->n_header < FRAME_HEADER) {
			frame->header[frame->n_header++] = *data++;
			length--;
			if (frame->n_header < FRAME_HEADER)
				continue;
			frame->length = read_u32(frame->header) >> 8;
			frame->n_read = 0;
			memset(frame->text, 0, sizeof frame->text);
			n = 0;
		}
		if (n > frame->length - frame->n_read)
			n = frame->length - frame->n_read;
		for (size_t i = 0; i < n && frame->n_read + i < TEXT_SIZE - 1; i++)
			frame->text[frame->n_read + i] = (char)data[i];
		frame->n_read += n;
		data += n;
		length -= n;
		if (frame->n_read < frame->length)
			continue;
		take_frame(frame);
		frame->n_header = 0;
	}
}

/* False: the server has ended the connection. */
static bool
receive(struct peer *peer)
{
	static uint8_t data[READ_SIZE];
	ssize_t n = recv(peer->fd, data, sizeof data, 0);

	if (n > 0)
		parse(&peer->frame, data, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* What is to be sent now; length 0: nothing. */
static struct bytes
due(struct peer *peer)
{
	if (peer->opening_sent < opening.length)
		return (struct bytes){opening.data + peer->opening_sent,
				      opening.length - peer->opening_sent};
	if (unit.length == 0)
		return (struct bytes){0};
	if (peer->batch_sent == peer->batch_length) {
		if (drip_ms && peer->batch)
			return (struct bytes){0};
		fill_batch(peer);
	}
	if (drip_ms)
		return (struct bytes){peer->batch + peer->batch_sent,
				      now_ms() >= peer->next_byte_ms};
	return (struct bytes){peer->batch + peer->batch_sent,
			      peer->batch_length - peer->batch_sent};
}

static bool
transmit(struct peer *peer)
{
	struct bytes bytes = due(peer);
	ssize_t n;

	if (bytes.length == 0)
		return true;
	n = send(peer->fd, bytes.data, bytes.length, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (peer->opening_sent < opening.length) {
		peer->opening_sent += (size_t)n;
		return true;
	}
	n_units += (peer->batch_sent + (size_t)n) / unit.length - peer->batch_sent / unit.length;
	peer->batch_sent += (size_t)n;
	peer->next_byte_ms = now_ms() + drip_ms;
	return true;
}

static void
go(struct peer *peer, short events)
{
	bool open = true;

	if (peer->fd < 0) {
		if (now_ms() >= peer->next_byte_ms)
			begin(peer);
		return;
	}
	if (deaf && (events & (POLLRDHUP | POLLERR | POLLHUP)))
		open = false;
	else if (!deaf && (events & (POLLIN | POLLERR | POLLHUP)))
		open = receive(peer);
	if (open && (drip_ms || (events & POLLOUT)))
		open = transmit(peer);
	if (!open)
		ended(peer);
}

static void
attack(struct peer *peers, int64_t until_ms)
{
	struct pollfd *fds = calloc((size_t)n_peers, sizeof *fds);

	while (now_ms() < until_ms && !(once && is_answered)) {
		for (int i = 0; i < n_peers; i++) {
			bool sends =
			    peers[i].opening_sent < opening.length || (unit.length > 0 && !drip_ms);

			fds[i] = (struct pollfd){
			    .fd = peers[i].fd,
			    .events = (short)((deaf ? POLLRDHUP : POLLIN) | (sends ? POLLOUT : 0))};
		}
		poll(fds, (nfds_t)n_peers, TURN_MS);
		for (int i = 0; i < n_peers; i++)
			go(&peers[i], fds[i].revents);
	}
	free(fds);
}

static void
report(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("connections %lu\nended %lu\ngoaways %lu\nunits %lu\nanswers %lu\nresets %lu\n",
	       n_connections, n_ended, n_goaways, n_units, n_answers, n_resets);
	printf("longest_ms %ld\ncpu_us %ld\ntext %s\n", longest_ms,
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
		   usage.ru_stime.tv_usec,
	       last_text);
}

int
main(int argc, char **argv)
{
	struct peer *peers;
	int option;

	while ((option = getopt(argc, argv, "n:d:q1")) != -1) {
		if (option == 'n')
			n_peers = atoi(optarg);
		else if (option == 'd')
			drip_ms = atoi(optarg);
		else if (option == 'q')
			deaf = true;
		else
			once = true;
	}
	if (argc - optind != 2 || n_peers < 1)
		die("hostile-peer [-n N] [-d MS] [-q] [-1] PORT SECONDS");
	port = atoi(argv[optind]);
	opening = read_hex();
	unit = read_hex();
	signal(SIGPIPE, SIG_IGN);
	peers = calloc((size_t)n_peers, sizeof *peers);
	for (int i = 0; i < n_peers; i++)
		begin(&peers[i]);
	attack(peers, now_ms() + (int64_t)(strtod(argv[optind + 1], NULL) * 1000));
	for (int i = 0; i < n_peers; i++)
		note_life(&peers[i]);
	report();
	return 0;
}
