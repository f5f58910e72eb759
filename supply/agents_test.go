package supply

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

func TestAgents(t *testing.T) {
	lists := map[string]string{
		"json": `[{"pattern":"Googlebot\\/","url":"https://example.com"},{"pattern":"[wW]get"},{"pattern":"^(curl|Example Reader)","instances":["x"]},{"pattern":"bingbot"},{"pattern":"bingbot"}]`,
		"iab":  "# comment\nGooglebot/|1||0|2|0\nwget|1|wget browser, example|0|2|1\ncurl|1||0|0|1\nold|0||0|2|0\nbingbot|1||1|1|0|01/01/2026\nexample reader|1||0|2|1\n",
		"text": "# comment\n\ngooglebot/\nwget/\ncurl/\nbingbot\nexample reader\n",
	}
	for kind, list := range lists {
		a, err := ReadAgents(strings.NewReader("\xef\xbb\xbf" + list))
		if err != nil {
			t.Fatal(err)
		}
		for agent, want := range map[string]bool{
			chrome: false, "": false,
			"Mozilla/5.0 (compatible; Googlebot/2.1; +http://example.com)": true,
			"Wget/1.21":                             true,
			"curl/8.5.0":                            true,
			"Example Reader 2":                      true,
			"Mozilla/5.0 oldest":                    false,
			"Mozilla/5.0 (compatible; bingbot/2.0)": true,
		} {
			if got := a.Match([]byte(agent)); got != want {
				t.Errorf("%s: %q: %v", kind, agent, got)
			}
		}
		// The formats differ in what else they can say.
		if got := a.Match([]byte("Wget/1.21 Wget Browser")); got != (kind != "iab") {
			t.Errorf("%s: an exception: %v", kind, got)
		}
		if got := a.Match([]byte("libcurl curl/8")); got != (kind == "text") {
			t.Errorf("%s: not at the start: %v", kind, got)
		}
		if got := a.Match([]byte("BINGBOT")); got != (kind != "json") {
			t.Errorf("%s: in another case: %v", kind, got)
		}
	}
	if (*Agents)(nil).Match([]byte("curl/8")) || (*Agents)(nil).Len() != 0 {
		t.Error("no list matches")
	}
	a, err := ReadAgents(strings.NewReader(`[{"pattern":"^.{0,3}$"},{"pattern":"a+|b?"}]`))
	if err != nil || a.Skipped != 2 || a.Len() != 0 || a.Match([]byte("abc")) {
		t.Errorf("patterns without a fixed part: %+v, %v", a, err)
	}
	for _, bad := range []string{`[{"pattern":"("}]`, `[{"pattern":`, `[1]`} {
		if _, err := ReadAgents(strings.NewReader(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// The automaton finds what looking for each text finds.
func TestAutomatonFindsWhatOccurs(t *testing.T) {
	word := rapid.StringMatching(`[ab-]{1,4}`)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(word, 1, 10).Draw(t, "texts")
		s := rapid.StringMatching(`[abAB-]{0,20}`).Draw(t, "s")
		a := newAutomaton(texts)
		got := make([]int, len(texts))
		a.find([]byte(s), func(text int32, past int) bool {
			if !strings.HasSuffix(strings.ToLower(s[:past]), texts[text]) {
				t.Fatalf("%q is not before %d in %q", texts[text], past, s)
			}
			got[text]++
			return false
		})
		for i, text := range texts {
			want := 0
			for j := range s {
				if strings.HasPrefix(strings.ToLower(s[j:]), text) {
					want++
				}
			}
			if got[i] != want {
				t.Fatalf("%q in %q: %d times, want %d", text, s, got[i], want)
			}
		}
	})
}

func FuzzAgents(f *testing.F) {
	f.Add([]byte(`[{"pattern":"(?i)bot[/ ]"},{"pattern":"a{2,3}"}]`), []byte("a Bot/1"))
	f.Add([]byte("wget|1|x, y|0|2|1\ncurl"), []byte("wget"))
	f.Fuzz(func(t *testing.T, list, agent []byte) {
		if len(list) > 4096 {
			return
		}
		a, err := ReadAgents(bytes.NewReader(list))
		if err != nil {
			return
		}
		got := a.Match(agent)
		want := false // what the patterns themselves say
		for i := range a.rules {
			want = want || a.rules[i].pattern != nil && a.rules[i].pattern.Match(agent[:min(len(agent), maxAgent)])
		}
		if bytes.HasPrefix(bytes.TrimSpace(list), []byte("[")) && got != want && !bytes.ContainsAny(list, "KS\\") && isASCII(agent) {
			t.Fatalf("%q: %v, the patterns say %v", agent, got, want)
		}
	})
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func BenchmarkAgents(b *testing.B) {
	var list strings.Builder
	for i := range 1000 {
		list.WriteString("examplebot" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + "\n")
	}
	a, err := ReadAgents(strings.NewReader(list.String()))
	if err != nil {
		b.Fatal(err)
	}
	agent := []byte(chrome)
	b.ReportAllocs()
	for b.Loop() {
		if a.Match(agent) {
			b.Fatal("a browser is a crawler")
		}
	}
}
