package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
)

// startNATS starts a server that speaks TLS and nothing else. change may say
// who may come in.
func startNATS(t *testing.T, ca *authority, change func(*server.Options)) (addr string) {
	t.Helper()
	certFile, keyFile := ca.issue("nats")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(read(t, ca.file))
	o := &server.Options{
		ServerName: "log", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 30, MaxPayload: 1 << 20,
		TLS: true, TLSTimeout: 10, AuthTimeout: 20,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, MinVersion: tls.VersionTLS12},
	}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(45 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	return s.Addr().(*net.TCPAddr).String()
}

// credentials has a server take users that an operator's account vouches for,
// and returns the file of one such user, and that of one of another account.
func credentials(t *testing.T) (change func(*server.Options), ours, another string) {
	t.Helper()
	pair := func(kind nkeys.PrefixByte) (nkeys.KeyPair, string) {
		k, err := nkeys.CreatePair(kind)
		if err != nil {
			t.Fatal(err)
		}
		public, err := k.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		return k, public
	}
	operator, operatorID := pair(nkeys.PrefixByteOperator)
	resolver := &server.MemAccResolver{}
	account := func(name string, store bool, known bool) (nkeys.KeyPair, string) {
		k, id := pair(nkeys.PrefixByteAccount)
		c := jwt.NewAccountClaims(id)
		c.Name = name
		if store {
			c.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: jwt.NoLimit, MemoryStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
		}
		text, err := c.Encode(operator)
		if err != nil {
			t.Fatal(err)
		}
		if known {
			if err := resolver.Store(id, text); err != nil {
				t.Fatal(err)
			}
		}
		return k, id
	}
	user := func(account nkeys.KeyPair) string {
		k, id := pair(nkeys.PrefixByteUser)
		text, err := jwt.NewUserClaims(id).Encode(account)
		if err != nil {
			t.Fatal(err)
		}
		seed, err := k.Seed()
		if err != nil {
			t.Fatal(err)
		}
		file, err := jwt.FormatUserConfig(text, seed)
		if err != nil {
			t.Fatal(err)
		}
		return write(t, "user.creds", file)
	}
	_, system := account("SYS", false, true)
	tangent, _ := account("tangent", true, true)
	stranger, _ := account("stranger", true, false)
	claims := jwt.NewOperatorClaims(operatorID)
	claims.SystemAccount = system
	return func(o *server.Options) {
		o.TrustedOperators, o.AccountResolver, o.SystemAccount = []*jwt.OperatorClaims{claims}, resolver, system
	}, user(tangent), user(stranger)
}

// Whoever may, gets to the log over TLS; all others get an error that says what
// was wrong, and tells no secret.
func TestNATSOverTLS(t *testing.T) {
	ca, wrong := newAuthority(t), newAuthority(t)
	withCreds, ours, another := credentials(t)
	cert, key := ca.issue("bidder")
	badCert, badKey := wrong.issue("bidder")
	for name, c := range map[string]struct {
		server func(*server.Options)
		login  string // before the host
		fine   natslog.RemoteConfig
		bad    map[string]natslog.RemoteConfig // by what must be in the error, one of several
		badLog string
	}{
		"nobody in particular": {fine: natslog.RemoteConfig{CAFile: ca.file}, bad: map[string]natslog.RemoteConfig{
			"certificate signed by unknown authority": {CAFile: wrong.file},
			"no such file": {CAFile: ca.file + ".not"},
		}},
		"credentials": {server: withCreds, fine: natslog.RemoteConfig{CAFile: ca.file, CredentialsFile: ours}, bad: map[string]natslog.RemoteConfig{
			"uthorization": {CAFile: ca.file, CredentialsFile: another},
		}},
		"user and password": {
			server: func(o *server.Options) { o.Username, o.Password = "tangent", "hunter2" }, login: "tangent:hunter2@",
			fine: natslog.RemoteConfig{CAFile: ca.file}, badLog: "tangent:hunter3@",
			bad: map[string]natslog.RemoteConfig{"uthorization": {CAFile: ca.file}},
		},
		"token": {
			server: func(o *server.Options) { o.Authorization = "hunter2" }, login: "hunter2@",
			fine: natslog.RemoteConfig{CAFile: ca.file}, badLog: "hunter3@",
			bad: map[string]natslog.RemoteConfig{"uthorization": {CAFile: ca.file}},
		},
		"certificate": {
			server: func(o *server.Options) {
				o.TLSVerify, o.TLSConfig.ClientAuth = true, tls.RequireAndVerifyClientCert
			},
			fine: natslog.RemoteConfig{CAFile: ca.file, CertFile: cert, KeyFile: key},
			// The server's alert may come after it has closed the connection.
			bad: map[string]natslog.RemoteConfig{"tls: |broken pipe|connection reset|EOF": {CAFile: ca.file, CertFile: badCert, KeyFile: badKey}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			addr := startNATS(t, ca, c.server)
			fine := c.fine
			fine.URLs, fine.MaxBytes = []string{"tls://" + c.login + addr}, 16<<20
			l, err := natslog.Connect(fine)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if err := l.Append(t.Context(), event.Event{Kind: event.KindWin, ReceivedAt: time.Now()}); err != nil {
				t.Error(err)
			}
			for want, bad := range c.bad {
				bad.URLs, bad.MaxBytes = []string{"tls://" + c.badLog + addr}, 16<<20
				refused(t, bad, want, c.login+c.badLog, string(read(t, ours)))
			}
		})
	}
}

// refused wants an error that says why. It waits for longer and longer: in a
// short time a slow machine learns only that nothing was reached.
func refused(t *testing.T, c natslog.RemoteConfig, want string, secrets ...string) {
	t.Helper()
	for c.OpenTimeout = 500 * time.Millisecond; ; c.OpenTimeout *= 2 {
		l, err := natslog.Connect(c)
		if err == nil {
			l.Close()
			t.Errorf("connected, want an error with %q", want)
			return
		}
		for _, s := range append(secrets, "hunter", "BEGIN", "SU") {
			if s != "" && strings.Contains(err.Error(), s) {
				t.Errorf("the error tells a secret: %v", err)
			}
		}
		if slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return strings.Contains(err.Error(), w) }) {
			return
		}
		if c.OpenTimeout > 15*time.Second {
			t.Errorf("the error is %v, want %q in it", err, want)
			return
		}
	}
}
