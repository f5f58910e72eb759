package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/tangent-dsp/tangent/audience"
)

// redis says how Redis is reached.
func (c *Config) redis() (audience.RedisConfig, error) {
	addrs, secure := c.redisAddrs()
	r := audience.RedisConfig{Addrs: addrs, Username: c.RedisUsername, Password: c.RedisPassword, Cluster: len(addrs) > 1}
	if !secure {
		return r, nil
	}
	r.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.RedisCA == "" {
		return r, nil
	}
	pem, err := os.ReadFile(c.RedisCA)
	if err != nil {
		return r, fmt.Errorf("cannot read redis-ca: %w", err)
	}
	r.TLS.RootCAs = x509.NewCertPool()
	if !r.TLS.RootCAs.AppendCertsFromPEM(pem) {
		return r, fmt.Errorf("cannot use redis-ca %s: there is no certificate in it", c.RedisCA)
	}
	return r, nil
}

// redisAddrs returns host:port of each, and whether they speak TLS: all do if
// one does.
func (c *Config) redisAddrs() (addrs []string, secure bool) {
	secure = c.RedisTLS
	for _, a := range strings.Split(c.Audience, ",") {
		if rest, ok := strings.CutPrefix(a, "rediss://"); ok {
			a, secure = rest, true
		}
		addrs = append(addrs, strings.TrimPrefix(a, "redis://"))
	}
	return addrs, secure
}

// checkRedis quotes no address that may have a password in it.
func (c *Config) checkRedis() error {
	addrs, secure := c.redisAddrs()
	for _, a := range addrs {
		if strings.Contains(a, "@") {
			return errors.New("audience: user and password go into redis-username and redis-password")
		}
		if _, _, err := net.SplitHostPort(a); err != nil {
			return fmt.Errorf("audience %q: want host:port or rediss://host:port, several separated by commas, or 'embedded'", a)
		}
	}
	if secure && strings.Contains(c.Audience, "redis://") {
		return errors.New("audience: redis:// is without TLS, and redis-tls or rediss:// is with it")
	}
	if c.RedisCA != "" && !secure {
		return errors.New("redis-ca is for TLS: write rediss:// before audience's addresses, or set redis-tls")
	}
	return nil
}
