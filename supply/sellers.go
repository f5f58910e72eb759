package supply

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxSellers bounds a sellers.json, in bytes. The largest has some 100 MiB.
const MaxSellers = 512 << 20

// Seller is one entry of a sellers.json (IAB sellers.json 1.0).
type Seller struct {
	ID           string
	Kind         SellerKind
	Confidential bool   // who it is is not said
	Passthrough  bool   // the payment goes through to somebody else
	Name, Domain string // empty when confidential
}

// SellerKind is a seller's seller_type.
type SellerKind uint8

// The kinds.
const (
	Publisher    SellerKind = iota + 1 // is paid for what it owns
	Intermediary                       // is paid for what others own
	Both
)

// ReadSellers reads a sellers.json as a stream and calls visit with every
// seller. It leaves out entries without an id or a known kind, and returns how
// many; an error says that the file is no sellers.json, or was cut.
func ReadSellers(in io.Reader, visit func(Seller)) (ignored int, err error) {
	bounded := &io.LimitedReader{R: in, N: MaxSellers + 1}
	d := json.NewDecoder(bounded)
	d.UseNumber()
	fail := func(err error) (int, error) {
		if bounded.N <= 0 {
			err = fmt.Errorf("it has more than %d MiB", MaxSellers>>20)
		}
		return ignored, fmt.Errorf("cannot read sellers.json: %w", err)
	}
	if t, err := d.Token(); err != nil {
		return fail(err)
	} else if t != json.Delim('{') {
		return fail(errors.New("it is no object"))
	}
	found := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fail(err)
		}
		if key != "sellers" {
			if err := d.Decode(new(json.RawMessage)); err != nil {
				return fail(err)
			}
			continue
		}
		found = true
		if t, err := d.Token(); err != nil {
			return fail(err)
		} else if t != json.Delim('[') {
			return fail(errors.New("sellers is no list"))
		}
		for d.More() {
			var e sellerEntry
			var wrong *json.UnmarshalTypeError
			if err := d.Decode(&e); err != nil && !errors.As(err, &wrong) {
				return fail(err)
			}
			if s, ok := e.seller(); ok {
				visit(s)
			} else {
				ignored++
			}
		}
		if _, err := d.Token(); err != nil {
			return fail(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fail(err)
	}
	if !found {
		return fail(errors.New("it has no sellers"))
	}
	return ignored, nil
}

// sellerEntry is an entry as it is written. Ids are numbers in some.
type sellerEntry struct {
	ID           any    `json:"seller_id"`
	Name         string `json:"name"`
	Domain       string `json:"domain"`
	Type         string `json:"seller_type"`
	Confidential any    `json:"is_confidential"`
	Passthrough  any    `json:"is_passthrough"`
}

func (e *sellerEntry) seller() (s Seller, ok bool) {
	switch id := e.ID.(type) {
	case string:
		s.ID = strings.TrimSpace(id)
	case json.Number:
		s.ID = id.String()
	}
	switch strings.ToUpper(e.Type) {
	case "PUBLISHER":
		s.Kind = Publisher
	case "INTERMEDIARY":
		s.Kind = Intermediary
	case "BOTH":
		s.Kind = Both
	}
	s.Confidential, s.Passthrough = isOne(e.Confidential), isOne(e.Passthrough)
	if s.Name = e.Name; !s.Confidential {
		s.Domain, _ = Domain(e.Domain)
	}
	return s, plain(s.ID) && s.Kind != 0
}

func isOne(v any) bool {
	return v == json.Number("1") || v == true || v == "1"
}
