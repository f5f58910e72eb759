package app_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loopback"
	"github.com/tangent-dsp/tangent/money"
)

// PostgreSQL, Redis and NATS all speak TLS with certificates of an authority
// of our own, and ask who we are: a bid for a known user is billed and booked.
// Of another authority they are refused, and no password is told.
func TestEverythingOverTLS(t *testing.T) {
	ca, wrong := newAuthority(t), newAuthority(t)
	cert, key := ca.issue("server")
	redis, port := startRedis(t, ca, "--tls-cert-file", cert, "--tls-key-file", key)
	withCreds, ours, _ := credentials(t)
	nats := startNATS(t, ca, withCreds)
	postgres, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(postgres.Close)
	if err := postgres.EnableTLS(read(t, cert), read(t, key)); err != nil {
		t.Fatal(err)
	}
	schema, err := postgres.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := postgres.Guarded(t.Context(), schema, "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	database := func(authority string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("sslmode", "verify-full")
		q.Set("sslrootcert", authority)
		u.RawQuery = q.Encode()
		return u.String()
	}
	w := newWorld(t, func(c *app.Config) {
		c.Database = database(ca.file)
		c.Events, c.EventsCA, c.EventsCredentials, c.EventsStream, c.MaxSpoolBytes = "tls://"+nats, ca.file, ours, "tangent", 1<<20
		c.Audience, c.RedisCA, c.RedisPassword = "rediss://127.0.0.1:"+strconv.Itoa(port), ca.file, "hunter2"
	})
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 2*money.Unit, func(li *v1.LineItemSpec) { li.Targeting.Segments.Include = append(li.Targeting.Segments.Include, 7) })
	if err := w.app.ImportAudience(t.Context(), strings.NewReader("walker,7,30d\n")); err != nil {
		t.Fatal(err)
	}
	w.tell(expand(w.buy("alpha", request("walker", "")).BURL, "1.5"), 200)
	w.await("1500000 nanos booked", func() bool { return w.accounts(o.campaign.ID).Booked == 1_500_000 }) // it may come by the spool

	// Another authority's certificates.
	cfg := w.cfg
	cfg.Database, cfg.DataDir = database(wrong.file), t.TempDir()
	cfg.Listen, cfg.APIListen, cfg.AdminListen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	_, err = app.New(t.Context(), cfg, "test", silent())
	sayNoSecret(t, "PostgreSQL", err)
	cfg = w.cfg
	cfg.RedisCA = wrong.file
	writer, keyer, err := app.OpenAudience(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	_, err = audience.Import(t.Context(), strings.NewReader("walker,7,30d\n"), writer, audience.ImportOptions{Keyer: keyer, Permit: audience.AssertConsent()})
	sayNoSecret(t, "Redis", err)
	if n, err := redis.Client().Ping(t.Context()).Result(); err == nil {
		t.Errorf("Redis talks without TLS: %s", n)
	}
}

// sayNoSecret wants an error about the certificate.
func sayNoSecret(t *testing.T, who string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("%s with a certificate of another authority: %v", who, err)
	}
	if strings.Contains(fmt.Sprint(err), "hunter") {
		t.Errorf("the error tells a secret: %v", err)
	}
}

// startRedis starts a Redis that speaks TLS on a port, and plainly to nobody.
func startRedis(t *testing.T, ca *authority, args ...string) (s *redistest.Server, port int) {
	t.Helper()
	port = loopback.Need(t, 1)[0]
	s, err := redistest.Start(append(args, "--tls-port", strconv.Itoa(port), "--tls-ca-cert-file", ca.file, "--tls-auth-clients", "no", "--requirepass", "hunter2")...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, port
}
