package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// NATSConfig is one NATS server, on loopback.
type NATSConfig struct {
	Name string
	Dir  string
	Port int
	// Cluster is the port for the other servers and Routes are theirs; 0 and
	// none for a server alone.
	Cluster int
	Routes  []int
}

// ServeNATS runs a NATS server that syncs whatever it acknowledges, until ctx
// ends. There is no nats-server program to rely on, so it is this one.
func ServeNATS(ctx context.Context, c NATSConfig) error {
	const host = "127.0.0.1"
	o := &server.Options{
		ServerName: c.Name, Host: host, Port: c.Port, NoSigs: true, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: c.Dir, SyncAlways: true, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 16 << 30,
		MaxPayload: 1 << 20,
	}
	if c.Cluster != 0 {
		o.Cluster = server.ClusterOpts{Name: "tangent", Host: host, Port: c.Cluster}
		for _, port := range c.Routes {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: net.JoinHostPort(host, strconv.Itoa(port))})
		}
	}
	s, err := server.NewServer(o)
	if err != nil {
		return fmt.Errorf("cannot run a NATS server: %w", err)
	}
	s.ConfigureLogger()
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(30 * time.Second) {
		return errors.New("cannot run a NATS server: it takes no connections")
	}
	<-ctx.Done()
	return nil
}
