/* What all dangol-mail processes are given. Keeps track of none. */
#include "delivery/spawned.h"

#include <stdlib.h>
#include <string.h>

char **spawned_environment(void)
{
	static const char *const kept[] = {"LANG", "LC_ALL", "LC_MESSAGES", "PATH",
	        "SSL_CERT_FILE", "SSL_CERT_DIR", "JOURNAL_STREAM"};
	char **env = mem_alloc((sizeof kept / sizeof kept[0] + 3) * sizeof *env);
	size_t n = 0;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (getenv(kept[i]))
			env[n++] = mem_printf("%s=%s", kept[i], getenv(kept[i]));
	env[n++] = mem_strdup("HOME=/nonexistent");
	env[n++] = mem_strdup("XDG_CONFIG_DIR=/nonexistent");
	return env;
}

void spawned_environment_free(char **env)
{
	for (char **at = env; *at; at++)
		free(*at);
	free(env);
}

struct saying {
	uv_write_t write;
	uv_buf_t bytes;
};

static void on_said(uv_write_t *write, int status)
{
	struct saying *saying = write->data;

	(void)status;
	explicit_bzero(saying->bytes.base, saying->bytes.len);
	free(saying->bytes.base);
	free(saying);
}

void spawned_say(uv_pipe_t *pipe, struct buf *frames)
{
	struct saying *saying = mem_alloc(sizeof *saying);
	size_t len = frames->len;

	saying->bytes = uv_buf_init(buf_take(frames), (unsigned)len);
	saying->write.data = saying;
	if (uv_write(&saying->write, (uv_stream_t *)pipe, &saying->bytes, 1, on_said))
		on_said(&saying->write, 0);
}
