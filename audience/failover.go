package audience

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"
)

// lookAnew is a hook of a Cluster's client. Left to itself the client asks
// which node has which users when a node says that it no longer has them, and
// every 60 s: one that died says nothing, and until then nobody would find the
// replica that took over. The client asks once at a time, and not for 200 ms
// after an answer.
type lookAnew struct{ client *redis.ClusterClient }

func (h lookAnew) after(err error) error {
	if err != nil && err != redis.Nil {
		h.client.ReloadState(context.Background()) // returns at once
	}
	return err
}

func (h lookAnew) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h lookAnew) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return h.after(next(ctx, cmd)) }
}

func (h lookAnew) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { return h.after(next(ctx, cmds)) }
}
