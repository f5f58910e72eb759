package postgrestest

import (
	"fmt"
	"os"
	"path/filepath"
)

// EnableTLS has the server speak TLS too, with a certificate and its key in
// PEM. It restarts it.
func (s *Server) EnableTLS(cert, key []byte) error {
	for name, text := range map[string][]byte{"server.crt": cert, "server.key": key, "postgresql.auto.conf": []byte("ssl = on\n")} {
		path := filepath.Join(s.data(), name)
		err := os.WriteFile(path, text, 0o600)
		if err == nil {
			err = give(path)
		}
		if err != nil {
			return fmt.Errorf("cannot enable TLS: %w", err)
		}
	}
	s.Kill()
	return s.Restart()
}
