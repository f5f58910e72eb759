// Package geotest makes small geo databases for tests, in MaxMind's format
// (version 2.0 of its specification), so that no test needs a file that it may
// not ship.
package geotest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
)

// City is what a test wants to find; its zero values are left out.
type City struct {
	Country, Region, City, Zip string // Country is alpha-2, Region without it
	Metro                      uint16
	Lat, Lon                   float64
	Kilometres                 uint16 // accuracy
	Zone                       string // of the IANA's
}

func (c City) record() map[string]any {
	location := map[string]any{}
	if c.Lat != 0 || c.Lon != 0 {
		location["latitude"], location["longitude"], location["accuracy_radius"] = c.Lat, c.Lon, c.Kilometres
	}
	if c.Metro != 0 {
		location["metro_code"] = c.Metro
	}
	if c.Zone != "" {
		location["time_zone"] = c.Zone
	}
	r := map[string]any{"country": map[string]any{"iso_code": c.Country}, "location": location}
	if c.Region != "" {
		r["subdivisions"] = []any{map[string]any{"iso_code": c.Region}}
	}
	if c.City != "" {
		r["city"] = map[string]any{"names": map[string]any{"en": c.City, "de": c.City + " auf Deutsch"}}
	}
	if c.Zip != "" {
		r["postal"] = map[string]any{"code": c.Zip}
	}
	return r
}

// Database returns a database of networks, none of which may be within
// another. It panics at what is no network.
func Database(networks map[string]City) []byte {
	t := tree{nodes: make([][2]uint32, 1)}
	var data []byte
	for _, text := range slices.Sorted(maps.Keys(networks)) {
		p := netip.MustParsePrefix(text)
		bits := p.Bits()
		a := p.Addr().As16()
		if p.Addr().Is4() { // IPv4 is at ::/96
			bits += 96
			copy(a[:12], make([]byte, 12))
		}
		t.insert(a, bits, uint32(len(data)))
		data = appendValue(data, networks[text].record())
	}
	var out []byte
	count := uint32(len(t.nodes))
	for _, n := range t.nodes {
		for _, r := range n {
			switch {
			case r == 0:
				r = count // nothing there
			case r&leaf != 0:
				r = r&^leaf + count + 16
			}
			out = binary.BigEndian.AppendUint32(out, r)
		}
	}
	out = append(out, make([]byte, 16)...)
	out = append(out, data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return appendValue(out, map[string]any{
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0),
		"build_epoch": uint64(1_767_225_600), "database_type": "Test-City", "ip_version": uint16(6),
		"languages": []any{"en"}, "description": map[string]any{"en": "made by a test"},
		"node_count": count, "record_size": uint16(32),
	})
}

// leaf marks a record that is data, not a node.
const leaf = 1 << 31

type tree struct{ nodes [][2]uint32 }

func (t *tree) insert(a [16]byte, bits int, data uint32) {
	at := uint32(0)
	for i := range bits {
		side := a[i/8] >> (7 - i%8) & 1
		if i == bits-1 {
			t.nodes[at][side] = data | leaf
			return
		}
		next := t.nodes[at][side]
		if next == 0 {
			next = uint32(len(t.nodes))
			t.nodes[at][side] = next
			t.nodes = append(t.nodes, [2]uint32{})
		}
		at = next
	}
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(control(b, 2, len(v)), v...)
	case float64:
		return binary.BigEndian.AppendUint64(control(b, 3, 8), math.Float64bits(v))
	case uint16:
		return binary.BigEndian.AppendUint16(control(b, 5, 2), v)
	case uint32:
		return binary.BigEndian.AppendUint32(control(b, 6, 4), v)
	case uint64:
		return binary.BigEndian.AppendUint64(control(b, 9, 8), v)
	case []any:
		b = control(b, 11, len(v))
		for _, x := range v {
			b = appendValue(b, x)
		}
		return b
	case map[string]any:
		b = control(b, 7, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = appendValue(appendValue(b, k), v[k])
		}
		return b
	}
	panic(fmt.Sprintf("cannot write a %T", v))
}

// control appends what stands before a value: its type and size.
func control(b []byte, kind, size int) []byte {
	first, rest := kind<<5, []byte(nil)
	if kind > 7 {
		first, rest = 0, []byte{byte(kind - 7)}
	}
	if size < 29 {
		return append(append(b, byte(first|size)), rest...)
	}
	return append(append(append(b, byte(first|29)), rest...), byte(size-29))
}
