package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// conversionKeyPrefix tells people and secret scanners what it is.
const conversionKeyPrefix = "tc_"

// NewConversionKey makes a key with which an advertiser's servers tell of
// conversions. plain is the only copy of it there will ever be. The key made
// before goes on working until the next one is made, so that servers can be
// changed over; one that leaked is out after two.
func (s *Store) NewConversionKey(ctx context.Context, id event.AdvertiserID) (plain string, err error) {
	var secret [keyBytes]byte
	rand.Read(secret[:])
	plain = conversionKeyPrefix + hex.EncodeToString(secret[:])
	_, err = write(ctx, s, fmt.Sprintf("make a conversion key of advertiser %d", id), func(w *writing) (campaign.Advertiser, error) {
		a, err := advertisers.open(ctx, w, int64(id))
		if err != nil {
			return a, err
		}
		hashes := &a.Conversions.KeyHashes
		hashes[0], hashes[1] = campaign.HashConversionKey(plain), hashes[0]
		text, err := toJSON(hashes)
		if err != nil {
			return a, err
		}
		_, err = w.ExecContext(ctx, `UPDATE advertisers SET conversion_keys = $1, revision = $2 WHERE id = $3`, text, w.revision, id)
		return a, err
	})
	if err != nil {
		return "", err
	}
	return plain, nil
}
