package audience

import (
	"crypto/tls"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisConfig says where the audience is. Its zero durations mean the
// defaults named.
type RedisConfig struct {
	Addrs    []string // host:port; several only for a Cluster, any of its nodes
	Cluster  bool     // Redis Cluster
	Username string
	Password string
	DB       int         // not with Cluster
	TLS      *tls.Config // nil: no TLS

	DialTimeout time.Duration // 1 s
	// IOTimeout bounds one write and one read of a batch. It is not a
	// request's deadline, which holds whatever Redis does, but how long a
	// connection that hangs is kept: 250 ms for reading, 3 s for writing.
	IOTimeout time.Duration
}

// connect makes a client. It does not dial: Redis may come later.
func (c RedisConfig) connect(conns, retries int, ioTimeout time.Duration) (redis.UniversalClient, error) {
	switch {
	case len(c.Addrs) == 0:
		return nil, errors.New("no Redis address")
	case len(c.Addrs) > 1 && !c.Cluster:
		return nil, errors.New("several Redis addresses: allowed for a Cluster only")
	case c.Cluster && c.DB != 0:
		return nil, errors.New("a Redis Cluster has database 0 only")
	}
	if c.DialTimeout <= 0 {
		c.DialTimeout = time.Second
	}
	if c.IOTimeout > 0 {
		ioTimeout = c.IOTimeout
	}
	o := &redis.UniversalOptions{
		Addrs:         c.Addrs,
		IsClusterMode: c.Cluster,
		Username:      c.Username,
		Password:      c.Password,
		DB:            c.DB,
		TLSConfig:     c.TLS,

		DialTimeout:  c.DialTimeout,
		ReadTimeout:  ioTimeout,
		WriteTimeout: ioTimeout,
		PoolSize:     conns,
		MinIdleConns: 1,
		PoolTimeout:  ioTimeout,
		MaxRetries:   retries,
		// One try per dial: the default's five take half a second each time.
		DialerRetries:         1,
		ContextTimeoutEnabled: true,
		DisableIdentity:       true,
		Protocol:              2, // every server speaks it; the values are plain strings

		// Redis before 8 does not know the command.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if c.Cluster && retries < 0 {
		// Once, where a node says who has the user now, and at once.
		o.MaxRedirects, o.MinRetryBackoff, o.MaxRetryBackoff = 1, -1, -1
	}
	client := redis.NewUniversalClient(o)
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.AddHook(lookAnew{cluster})
	}
	return client, nil
}

// The values of a user. The braces make all hash to one slot of a Cluster.
func appendSegmentsKey(dst []byte, k *UserKey) []byte  { return appendValueKey(dst, k, 's') }
func appendExposuresKey(dst []byte, k *UserKey) []byte { return appendValueKey(dst, k, 'x') }
func appendIdentityKey(dst []byte, k *UserKey) []byte  { return appendValueKey(dst, k, 'i') }

func segmentsKey(k UserKey) string  { return string(appendSegmentsKey(nil, &k)) }
func exposuresKey(k UserKey) string { return string(appendExposuresKey(nil, &k)) }
func identityKey(k UserKey) string  { return string(appendIdentityKey(nil, &k)) }

func appendValueKey(dst []byte, k *UserKey, value byte) []byte {
	dst = append(dst, '{')
	dst = k.appendText(dst)
	return append(dst, '}', ':', value)
}

// valueKeyLen is the length of a value's key: {, the text, }:s.
const valueKeyLen = 1 + keyText + 3
