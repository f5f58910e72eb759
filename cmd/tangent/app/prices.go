package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
)

// prices knows how each exchange sends prices. Keys are read from the
// environment, or the file that it names, when an exchange's first price
// arrives; where that fails, again after a while. Till then its prices cannot
// be read, and what is billed is the bid.
type prices struct {
	catalog *catalog.Catalog
	clock   clock.Clock
	log     *slog.Logger

	mu      sync.RWMutex
	ciphers map[event.ExchangeID]*exchangePrices
}

type exchangePrices struct {
	kind   pricecipher.Kind
	cipher pricecipher.Cipher // nil: not yet
	again  time.Time          // real time at which keys are looked for again
}

// keysAgain is after how long keys that are not there are looked for again.
const keysAgain = time.Minute

func newPrices(c *catalog.Catalog, market clock.Clock, log *slog.Logger) *prices {
	return &prices{catalog: c, clock: market, log: log, ciphers: map[event.ExchangeID]*exchangePrices{}}
}

// of returns how an exchange sends prices.
func (p *prices) of(id event.ExchangeID) pricecipher.Cipher {
	ex, ok := p.catalog.Load().ExchangeByID(id)
	if !ok {
		return pricecipher.Unreadable{}
	}
	p.mu.RLock()
	known := p.ciphers[id]
	p.mu.RUnlock()
	if known == nil || known.kind != ex.PriceEncoding || known.cipher == nil && time.Now().After(known.again) {
		known = p.open(ex)
	}
	if known.cipher == nil {
		return pricecipher.Unreadable{}
	}
	return known.cipher
}

func (p *prices) open(ex *catalog.Exchange) *exchangePrices {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := &exchangePrices{kind: ex.PriceEncoding, again: time.Now().Add(keysAgain)}
	cfg, err := priceConfig(ex.Name, ex.PriceEncoding)
	cfg.Clock = p.clock
	if err == nil {
		e.cipher, err = pricecipher.New(cfg)
	}
	if err != nil {
		p.log.Error("an exchange's prices cannot be read: bids are booked at their own price", "exchange", ex.Name, "error", err)
	}
	p.ciphers[ex.ID] = e
	return e
}

// keysVariable is the environment variable of an exchange's keys; with _FILE
// behind it, of the file that has them.
func keysVariable(exchange string) string {
	return "TANGENT_EXCHANGE_" + strings.ToUpper(strings.ReplaceAll(exchange, "-", "_")) + "_KEYS"
}

// priceConfig finds the keys of an exchange, if its encoding has any: the
// encryption key and the integrity key, with white space between. Errors name
// the variable and never what is in it.
func priceConfig(exchange string, kind pricecipher.Kind) (pricecipher.Config, error) {
	cfg := pricecipher.Config{Kind: kind}
	if kind != pricecipher.Google {
		return cfg, nil
	}
	name := keysVariable(exchange)
	text := os.Getenv(name)
	if text == "" {
		file := os.Getenv(name + "_FILE")
		if file == "" {
			return cfg, fmt.Errorf("neither %s nor %s_FILE is set", name, name)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return cfg, fmt.Errorf("cannot read the keys of %s_FILE: %w", name, err)
		}
		text = string(b)
	}
	keys := strings.Fields(text)
	if len(keys) != 2 {
		return cfg, fmt.Errorf("%s must have two keys: encryption and integrity", name)
	}
	var errs [2]error
	cfg.EncryptionKey, errs[0] = pricecipher.ParseKey(keys[0])
	cfg.IntegrityKey, errs[1] = pricecipher.ParseKey(keys[1])
	if err := errors.Join(errs[:]...); err != nil {
		return cfg, fmt.Errorf("%s: %w", name, err)
	}
	return cfg, nil
}
