package supply

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/tangent-dsp/tangent/openrtb"
)

// FuzzChain reads an schain as a request brings it and holds what is said of
// it to laws: what is required only refuses more, and who accepts a chain has
// read every one of its nodes.
func FuzzChain(f *testing.F) {
	for _, seed := range []string{
		`{"complete":1,"ver":"1.0","nodes":[{"asi":"exchange.example","sid":"1","hp":1}]}`,
		`{"complete":0,"ver":"1.0","nodes":[{"asi":"reseller.example","sid":"a","hp":1,"rid":"r","name":"n","domain":"d.example"},{"asi":"EU.Exchange.example","sid":"2","hp":0}]}`,
		`{"complete":1,"nodes":[{"asi":"a.example","sid":"1","hp":1},{"asi":"a.example","sid":"1","hp":1}]}`,
		`{"complete":"1","ver":1,"nodes":[{"asi":"a.example","sid":1,"hp":"1","ext":{"x":[{}]}}]}`,
		`{"nodes":[{"asi":"a.example"}]}`, `{"complete":1,"nodes":[]}`, `{"complete":1,"nodes":{}}`, `{"complete":1,"nodes":[null,[],""]}`,
		`{"complete":1,"nodes":[{"asi":"\u0061.example","sid":"\ud83d","hp":1}]}`,
		`{"complete":1,"nodes":[` + string(bytes.Repeat([]byte(`{"asi":"a.example","sid":"1","hp":1},`), 40)) + `{}]}`,
		`[]`, `null`, `"1.0,1!a.example,1,1"`, `{}`, `{"complete":1,"nodes":[{"asi":"a`,
	} {
		f.Add(seed, "exchange.example", uint8(0))
		f.Add(seed, "", uint8(2))
	}
	decoder := openrtb.NewDecoder(openrtb.DefaultLimits())
	f.Fuzz(func(t *testing.T, schain, exchange string, most uint8) {
		body := `{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250}}],"source":{"schain":` + schain + `}}`
		r, err := decoder.Decode([]byte(body))
		if err != nil {
			return
		}
		defer r.Release()
		c := r.SupplyChain
		loose := CheckChain(c, []byte(exchange), ChainRules{})
		strict := CheckChain(c, []byte(exchange), ChainRules{Require: true, MaxNodes: int(most)})
		if strict == openrtb.None && loose != openrtb.None {
			t.Fatalf("strict rules take what loose ones refuse as %v", loose)
		}
		if c == nil || loose != openrtb.None {
			return
		}
		if most > 0 && strict == openrtb.None && (len(c.Nodes) > int(most) || !c.Complete) {
			t.Fatalf("%d nodes, complete %v, are taken where %d may be", len(c.Nodes), c.Complete, most)
		}
		// encoding/json takes the last of two values of one name; the first is ours.
		var plain struct {
			Nodes []map[string]any `json:"nodes"`
		}
		if bytes.Count([]byte(schain), []byte(`nodes`)) == 1 && json.Unmarshal([]byte(schain), &plain) == nil && len(plain.Nodes) != len(c.Nodes) {
			t.Fatalf("%d nodes are taken for %d", len(plain.Nodes), len(c.Nodes))
		}
		for i := range c.Nodes {
			if n := &c.Nodes[i]; len(n.ASI) == 0 || len(n.SellerID) == 0 {
				t.Fatalf("node %d is taken without its seller", i)
			}
		}
	})
}
