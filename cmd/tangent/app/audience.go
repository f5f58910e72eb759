package app

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tangent-dsp/tangent/api"
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

// erasures is with what the API erases users: the audience and the keys of the
// bidders. A server of the role control may do without.
func (a *App) erasures() (e api.Erasures, err error) {
	switch {
	case a.writer == nil && a.cfg.Audience == "":
		e.Missing = "set audience to the Redis that bidders use, and secrets-file to their secrets"
	case a.writer == nil:
		e.Missing = "an embedded audience lives in the bidder's process: set audience to the Redis that bidders use"
	case a.keyer == nil:
		// Secrets made here would be others than the bidders'.
		if _, err := os.Stat(a.cfg.secretsFile()); err != nil {
			e.Missing = "it has no secrets that key user ids: set secrets-file to those that bidders use"
			break
		}
		secret, err := loadSecrets(a.cfg.secretsFile())
		if err != nil {
			return e, err
		}
		if a.keyer, err = audience.NewKeyer(audience.KeyerConfig{Secret: secret.UserSecret}); err != nil {
			return e, err
		}
		fallthrough
	default:
		e.Eraser, e.Keyer = a.writer, a.keyer
	}
	return e, nil
}

// ImportAudience imports segments into this App's audience. Whoever calls it
// asserts that the users in it consented.
func (a *App) ImportAudience(ctx context.Context, in io.Reader) error {
	_, err := audience.Import(ctx, in, a.writer, audience.ImportOptions{Keyer: a.keyer, Permit: audience.AssertConsent()})
	return err
}
