package audience

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// again asks the Cluster what a node refused: that finds who has the user now.
// It looks who has which users, too, and returns what is left of errors.
func (l *lanes) again(ctx context.Context, cmds []*redis.SliceCmd) error {
	l.cluster.ReloadState(ctx) // returns at once
	pipe := l.cluster.Pipeline()
	var inParts []*redis.SliceCmd
	for _, cmd := range cmds {
		_, moved := redis.IsMovedError(cmd.Err())
		_, asked := redis.IsAskError(cmd.Err())
		switch {
		case moved:
			_ = pipe.Process(ctx, cmd) // queues only
		case asked || redis.IsTryAgainError(cmd.Err()):
			inParts = append(inParts, cmd)
		}
	}
	parts := make([][]*redis.StringCmd, len(inParts))
	for i, cmd := range inParts {
		parts[i] = askInParts(ctx, pipe, cmd)
	}
	_, _ = pipe.Exec(ctx) // every command carries its own error
	for i, cmd := range inParts {
		putTogether(cmd, parts[i])
	}
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			return err
		}
	}
	return nil
}

// askInParts queues an MGET as a GET for each key. While a slot moves, either
// node answers an MGET only where it has all the keys, and few users have all
// their values; of a GET, the one that has not the key knows that the other has
// it, or nobody. A key moves in one step.
func askInParts(ctx context.Context, pipe redis.Pipeliner, cmd *redis.SliceCmd) []*redis.StringCmd {
	parts := make([]*redis.StringCmd, 0, len(cmd.Args())-1)
	for _, key := range cmd.Args()[1:] {
		part := redis.NewStringCmd(ctx, "get", key)
		parts = append(parts, part)
		_ = pipe.Process(ctx, part) // queues only
	}
	return parts
}

// putTogether makes the answers the MGET's, or the first error its own.
func putTogether(cmd *redis.SliceCmd, parts []*redis.StringCmd) {
	values := make([]any, len(parts))
	for i, part := range parts {
		switch value, err := part.Result(); err {
		case nil:
			values[i] = value
		case redis.Nil:
		default:
			cmd.SetErr(err)
			return
		}
	}
	cmd.SetVal(values)
	cmd.SetErr(nil)
}
