package audience

import (
	"context"
	"encoding/base64"

	"github.com/redis/go-redis/v9"
)

// follow takes out of the cache every user of whom client writes something,
// when Redis has answered, or has not: then nobody knows, and a write that
// Redis does after all is seen like one of another process. It goes by the
// commands, so that no way of writing can be forgotten.
func (c *Cache) follow(client redis.UniversalClient) {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(cacheHook{c}) })
		return
	}
	client.AddHook(cacheHook{c})
}

// cacheHook drops what commands write.
type cacheHook struct{ cache *Cache }

func (cacheHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h cacheHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		defer h.drop(cmd)
		return next(ctx, cmd)
	}
}

func (h cacheHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		defer func() {
			for _, cmd := range cmds {
				h.drop(cmd)
			}
		}()
		return next(ctx, cmds)
	}
}

func (h cacheHook) drop(cmd redis.Cmder) {
	switch cmd.Name() {
	case "get", "getrange", "pttl", "watch", "unwatch": // all that the Writer reads by
		return
	}
	for _, arg := range cmd.Args() {
		if key, ok := userOf(arg); ok {
			h.cache.drop(&key)
		}
	}
}

// userOf returns the user of whom a key of Redis is.
func userOf(arg any) (key UserKey, ok bool) {
	text, _ := arg.(string)
	if len(text) != valueKeyLen || text[0] != '{' {
		return key, false
	}
	var raw [len(key)]byte
	if n, err := base64.RawURLEncoding.Decode(raw[:], []byte(text[1:1+keyText])); err != nil || n != len(raw) {
		return key, false
	}
	return key, key.parse(raw[:])
}
