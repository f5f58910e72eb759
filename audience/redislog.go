package audience

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// LogRedisTo sends what the Redis client says about its connections to log,
// at most one line a second with the number of those left out. The client has
// one logger for the whole process, and without this writes to standard error
// for every failed dial: main calls it once, before it makes a [Reader].
func LogRedisTo(log *slog.Logger) {
	redis.SetLogger(&redisLog{log: log, now: time.Now})
}

type redisLog struct {
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	last    time.Time
	dropped int
}

// Printf is what go-redis calls. Its lines hold addresses and errors of
// connections.
func (l *redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.mu.Lock()
	now := l.now()
	if !l.last.IsZero() && now.Sub(l.last) < time.Second {
		l.dropped++
		l.mu.Unlock()
		return
	}
	dropped := l.dropped
	l.last, l.dropped = now, 0
	l.mu.Unlock()
	l.log.WarnContext(ctx, "redis client", "says", fmt.Sprintf(format, v...), "dropped", dropped)
}
