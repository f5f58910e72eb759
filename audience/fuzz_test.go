package audience

import (
	"testing"

	"github.com/tangent-dsp/tangent/audience/gpp"
	"github.com/tangent-dsp/tangent/openrtb"
)

// The US Privacy string permits in the few spellings that say so, and no other
// way.
func FuzzUSPrivacy(f *testing.F) {
	f.Add([]byte("1YNN"))
	f.Add([]byte("1---"))
	f.Add([]byte("1yYn"))
	f.Add([]byte("2YNN"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := openrtb.Consent{USPrivacy: text}
		a := (&Gate{}).Explain(&c, [3]byte{'U', 'S', 'A'})
		good := len(text) == 0
		for _, notice := range "Yy-" {
			for _, optOut := range "Nn-" {
				for _, covered := range "YyNn-" {
					good = good || string(text) == string([]rune{'1', notice, optOut, covered})
				}
			}
		}
		if (a.Permit() == Permit{allUses}) != good || !good && a.Permit() != (Permit{}) {
			t.Fatalf("%q permits %b", text, a.Permit().uses)
		}
	})
}

// Whatever a GPP string says, nothing is permitted of a section that is not
// there or cannot be read, and the section in question cannot be outweighed.
func FuzzAskGPP(f *testing.F) {
	f.Add([]byte("DBABLA~CVVqBAAAAACA"), 7, 2)
	f.Add([]byte("DBABTA~1YNN"), 6, 7)
	f.Add([]byte("DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"), 2, -1)
	f.Fuzz(func(t *testing.T, text []byte, sid, other int) {
		g := Gate{vendor: ourVendor, mspa: true}
		one := openrtb.Consent{GPP: text, GPPSections: []int{sid}}
		a := g.Explain(&one, [3]byte{})
		if s, err := gpp.Parse(text); sid != -1 && a.Permit() != (Permit{}) {
			section, ok := s.Section(sid)
			if err != nil || !ok || len(section) == 0 {
				t.Fatalf("permits %b", a.Permit().uses)
			}
		}
		both := openrtb.Consent{GPP: text, GPPSections: []int{sid, other}}
		b := g.Explain(&both, [3]byte{})
		if wider := b.Permit().uses &^ a.Permit().uses; wider != 0 {
			t.Fatalf("section %d opens %b more", other, wider)
		}
	})
}
