/* The floor: what switching HAProxy costs without anything around it.
 *
 * Connects to the runtime API, sets the key of a map, reads it back and compares. No record, no lock,
 * no proof from outside. A C program can hardly do less, so it is what `bluegreen switch` is held
 * against.
 *
 * usage: floor SOCKET MAP KEY VALUE
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    return 1;
}

int main(int count, char **words)
{
    if (count != 5) {
        fprintf(stderr, "usage: floor SOCKET MAP KEY VALUE\n");
        return 64;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(words[1]) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(words[1]);
    }
    strcpy(address.sun_path, words[1]);

    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0) return fail("socket");
    if (connect(connection, (struct sockaddr *)&address, sizeof address) < 0) return fail("connect");

    char command[2048];
    int length = snprintf(command, sizeof command, "set map %s %s %s; get map %s %s\n",
                          words[2], words[3], words[4], words[2], words[3]);
    if (length < 0 || length >= (int)sizeof command) {
        errno = EMSGSIZE;
        return fail("command");
    }
    if (write(connection, command, length) != length) return fail("write");

    char answer[8192];
    size_t size = 0;
    ssize_t got;
    while ((got = read(connection, answer + size, sizeof answer - 1 - size)) > 0) size += got;
    if (got < 0) return fail("read");
    answer[size] = 0;

    char expected[1024];
    snprintf(expected, sizeof expected, "value=\"%s\"", words[4]);
    if (strstr(answer, expected) == NULL) {
        fprintf(stderr, "floor: HAProxy does not show the value: %s\n", answer);
        return 1;
    }
    return 0;
}
