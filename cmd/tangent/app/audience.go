package app

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/clock"
)

// OpenAudience opens the audience that a server with this configuration uses,
// to write to it from another process. Close the writer.
func OpenAudience(cfg Config) (*audience.Writer, *audience.Keyer, error) {
	if _, err := os.Stat(cfg.secretsFile()); err != nil {
		return nil, nil, fmt.Errorf("cannot find the secrets that key user ids, made at the first start of serve: %w", err)
	}
	secret, err := loadSecrets(cfg.secretsFile())
	if err != nil {
		return nil, nil, err
	}
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: secret.UserSecret})
	if err != nil {
		return nil, nil, err
	}
	redis, err := cfg.redis()
	if err != nil {
		return nil, nil, err
	}
	writer, err := audience.NewWriter(audience.WriterConfig{Redis: redis, Clock: clock.Real()})
	return writer, keyer, err
}

// ImportAudience imports segments into this App's audience. Whoever calls it
// asserts that the users in it consented.
func (a *App) ImportAudience(ctx context.Context, in io.Reader) error {
	_, err := audience.Import(ctx, in, a.writer, audience.ImportOptions{Keyer: a.keyer, Permit: audience.AssertConsent()})
	return err
}
