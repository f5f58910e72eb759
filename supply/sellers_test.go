package supply

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const sampleSellers = `{"contact_email":"a@exchange.example","version":"1.0","identifiers":[{"name":"TAG-ID","value":"1"}],"sellers":[
	{"seller_id":"pub-1","name":"Example","domain":"Example.com","seller_type":"PUBLISHER"},
	{"seller_id":42,"seller_type":"both","is_confidential":1,"domain":"hidden.example"},
	{"seller_id":"3","seller_type":"INTERMEDIARY","is_passthrough":1},
	{"seller_id":"","seller_type":"PUBLISHER"},
	{"seller_id":"5","seller_type":"FRIEND"},
	{"seller_id":"6","seller_type":7},
	{"seller_id":{"a":1},"seller_type":"PUBLISHER"}
],"ext":{}}`

func TestReadSellers(t *testing.T) {
	var got []Seller
	ignored, err := ReadSellers(strings.NewReader(sampleSellers), func(s Seller) { got = append(got, s) })
	want := []Seller{
		{ID: "pub-1", Kind: Publisher, Name: "Example", Domain: "example.com"},
		{ID: "42", Kind: Both, Confidential: true},
		{ID: "3", Kind: Intermediary, Passthrough: true},
	}
	if err != nil || ignored != 4 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %d ignored, %v", got, ignored, err)
	}
	for _, bad := range []string{"", "[]", "{}", `{"sellers":{}}`, `{"sellers":[`, `{"sellers":[{"seller_id":"1"`, `<html>`, sampleSellers[:len(sampleSellers)-1]} {
		if _, err := ReadSellers(strings.NewReader(bad), func(Seller) {}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzSellers(f *testing.F) {
	f.Add([]byte(sampleSellers))
	f.Fuzz(func(t *testing.T, body []byte) {
		ReadSellers(bytes.NewReader(body), func(s Seller) {
			if !plain(s.ID) || s.Kind == 0 || s.Confidential && s.Domain != "" {
				t.Fatalf("%+v", s)
			}
		})
	})
}
