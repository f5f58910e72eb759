package audience

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestRedisLogIsThrottled(t *testing.T) {
	var out bytes.Buffer
	now := noon
	l := &redisLog{log: slog.New(slog.NewTextHandler(&out, nil)), now: func() time.Time { return now }}
	for range 100 {
		l.Printf(context.Background(), "failed to dial %s", "a")
	}
	now = now.Add(time.Second)
	l.Printf(context.Background(), "failed to dial %s", "b")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "failed to dial a") || !strings.Contains(lines[1], "dropped=99") {
		t.Errorf("logged %q", lines)
	}
}
