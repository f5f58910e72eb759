package usersync

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
)

func (w *world) post(body, key string) *fasthttp.Response {
	return w.get("/sync/alpha/upload", func(r *fasthttp.Request) {
		r.Header.SetMethod("POST")
		r.Header.Set("Authorization", "Bearer "+key)
		r.SetBodyString(body)
	})
}

// A partner with the key uploads matches, as CSV or JSON; nobody else does.
func TestUpload(t *testing.T) {
	w := newWorld(t)
	const body = "uid,id\nwalker-1,own-1\n{\"uid\":\"walker-2\",\"id\":\"own-2\"}\n\nwalker-3\nwalker-4,null\n"
	for _, key := range []string{"", "x", uploadKey + "x"} {
		if r := w.post(body, key); r.StatusCode() != 401 || w.stored() != 0 {
			t.Errorf("status %d", r.StatusCode())
		}
	}
	r := w.post(body, uploadKey)
	if got := string(r.Body()); r.StatusCode() != 200 || got != `{"lines":6,"matched":2,"opted_out":0,"bad":2}` {
		t.Errorf("status %d %s", r.StatusCode(), got)
	}
	for _, id := range []string{"1", "2"} {
		w.segment("own-" + id)
		if in, err := w.in(w.theirs("walker-"+id, 1)); !in || err != nil {
			t.Errorf("walker-%s: %v %v", id, in, err)
		}
	}
	w.stored("walker", "own-")
}

// Every line is a match, a bad line or none, whoever of us has how many; the
// same again changes nothing.
func TestImport(t *testing.T) {
	w := newWorld(t)
	var in strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&in, "walker-%d,own-%d\n", i, i%500)
	}
	in.WriteString(strings.Repeat("x", 10_000) + "\nlast,own-1")
	for range 2 {
		var last ImportProgress
		r, err := Import(context.Background(), strings.NewReader(in.String()), ImportOptions{
			Writer: w.writer, Keyer: w.keyer, Permit: audience.AssertConsent(), Exchange: 1,
			TotalBytes: int64(in.Len()), Progress: func(p ImportProgress) { last = p },
		})
		if err != nil || r.Matched != 2001 || r.Bad != 1 || r.Lines != 2002 || !last.Done || last.Bytes != int64(in.Len()) {
			t.Fatalf("%+v, %v, %+v", r, err, last)
		}
		if len(r.BadLines) != 1 || r.BadLines[0].Line != 2001 || r.BadLines[0].Why != whyTooLong {
			t.Errorf("bad lines %v", r.BadLines)
		}
	}
	// Of one browser an exchange has one id: the newest of each is left.
	if n := w.stored("walker", "own-"); n != 1000 {
		t.Errorf("%d values are stored, want two for each of 500", n)
	}
	if _, err := Import(context.Background(), strings.NewReader("a,b"), ImportOptions{Writer: w.writer, Keyer: w.keyer, Exchange: 1}); err == nil {
		t.Error("imported without consent")
	}
	w.redis.Kill()
	if r, err := Import(context.Background(), strings.NewReader("a,b\n"), ImportOptions{Writer: w.writer, Keyer: w.keyer, Permit: audience.AssertConsent(), Exchange: 1}); err == nil || strings.Contains(err.Error(), "a,b") {
		t.Errorf("without Redis: %+v, %v", r, err)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"a,b", `{"uid":"a","id":"b"}`, "{", ",", "a,b,c", "${UID},x", `{"uid":"a"}x`, "\xff,a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if line == "" {
			return
		}
		uid, id, why := splitLine([]byte(line))
		if why == "" && (!validUID(uid) || !validUID(id)) {
			t.Errorf("took %q", line)
		}
	})
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"uid=a&gdpr=1&gdpr_consent=x", "gpp_sid=7_8,9&gpp=x", "uid=%0d%0a", "gdpr=2", "uid=a&uid=b", "param=%zz"} {
		f.Add(s)
	}
	where, err := parseTemplate("https://x.example/m?u={uid}&p={param}&g={gdpr}&c={gdpr_consent}&a={gpp}&s={gpp_sid}&us={us_privacy}")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var args fasthttp.Args
		args.Parse(text)
		q := readQuery(&args, false, false)
		if !q.ok {
			return
		}
		if len(q.uid) > 0 && !validUID(q.uid) || len(q.consent.GPPSections) > 32 {
			t.Errorf("took %q", text)
		}
		to := string(where.appendTo(nil, "id", &q))
		if !strings.HasPrefix(to, "https://x.example/m?u=id&p=") || strings.ContainsAny(to, "\r\n #\"<>\\") || strings.Count(to, "&") != 6 {
			t.Errorf("%q leads to %q", text, to)
		}
	})
}

func TestSettingsRefuse(t *testing.T) {
	for _, s := range []string{
		``, `{"exchanges":{"a":{"x":1}}}`, `{"exchanges":{"a":{"answer":"redirect"}}}`, `{"exchanges":{"a":{"answer":"x"}}}`,
		`{"exchanges":{"a":{"upload_key_sha256":"ab"}}}`,
		`{"exchanges":{"a":{"redirect":"http://x.example/?u={uid}"}}}`, `{"exchanges":{"a":{"redirect":"https://{uid}.example/?u=1"}}}`,
		`{"exchanges":{"a":{"redirect":"https://x.example/{uid}"}}}`, `{"exchanges":{"a":{"redirect":"https://x.example/?u=1"}}}`,
		`{"exchanges":{"a":{"redirect":"https://x.example/?u={uid}&x={what}"}}}`, `{"exchanges":{"a":{"redirect":"https://x.example/?u={uid"}}}`,
		`{"exchanges":{"a":{"redirect":"https://me@x.example/?u={uid}"}}}`, `{"exchanges":{"a":{"redirect":"https://x.example/?u={uid}\r\nX: y"}}}`,
		`{"exchanges":{"a":{"redirect":"javascript:alert(1)?{uid}"}}}`, `{"exchanges":{"a":{"redirect":"//x.example/?{uid}"}}}`,
	} {
		if _, err := ReadSettings(strings.NewReader(s)); err == nil {
			t.Errorf("took %s", s)
		}
	}
}
