package audience

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogRedisTo sends what the Redis client says about its connections to log,
// which should throttle: a Redis that is gone is told of at every failed dial.
// The client has one logger for the whole process, and without this writes to
// standard error: main calls it once, before it makes a [Reader].
func LogRedisTo(log *slog.Logger) { redis.SetLogger(&redisLog{log}) }

type redisLog struct{ log *slog.Logger }

// Printf is what go-redis calls. Its lines hold addresses and errors of
// connections.
func (l *redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.WarnContext(ctx, "redis client", "says", fmt.Sprintf(format, v...))
}
