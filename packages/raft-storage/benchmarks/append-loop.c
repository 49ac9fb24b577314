// The least that a durable append can be: write into a file full of zeros, and fdatasync. Prints commits per second.
// append-loop FILE BYTES_PER_COMMIT MILLISECONDS
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES (64L << 20)

static double nowMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  long bytes = atol(arguments[2]);
  double durationMs = atof(arguments[3]);
  char *record = malloc(bytes), *zeros = calloc(1, 1 << 20);
  int file = open(arguments[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return 1;
  for (long at = 0; at < FILE_BYTES; at += 1 << 20)
    if (pwrite(file, zeros, 1 << 20, at) != 1 << 20) return 1;
  if (fsync(file) != 0) return 1;
  memset(record, 0x5a, bytes);
  double startedAt = nowMs(), endedAt = startedAt;
  long commits = 0, at = 0;
  while (endedAt - startedAt < durationMs) {
    if (pwrite(file, record, bytes, at) != bytes || fdatasync(file) != 0) return 1;
    at = at + 2 * bytes > FILE_BYTES ? 0 : at + bytes;
    commits += 1;
    endedAt = nowMs();
  }
  printf("%f\n", commits * 1e3 / (endedAt - startedAt));
  return 0;
}
