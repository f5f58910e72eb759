//go:build invariants

package openrtb

import "testing"

func TestReleaseManglesTheMemory(t *testing.T) {
	d := NewDecoder(Limits{})
	r, err := d.Decode([]byte(`{"id":"kept too long","imp":[{"id":"1"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	id, imps := r.ID, r.Imps
	r.Release()
	if string(id) == "kept too long" || imps[0].ID != nil {
		t.Errorf("a released request still reads %q, %q", id, imps[0].ID)
	}
}
