package usersync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
)

// uploadTime is how long an upload may take. What the server takes as a body,
// 256 KiB, is some thousands of lines.
const uploadTime = 20 * time.Second

// upload keeps the matches that an exchange posts with its key. By giving the
// key out the operator asserts that what comes with it has consent.
func (s *Syncer) upload(ctx *fasthttp.RequestCtx, p peer) {
	noStore(ctx)
	key, ok := bytes.CutPrefix(ctx.Request.Header.Peek("Authorization"), []byte("Bearer "))
	sum := sha256.Sum256(key)
	if !ok || subtle.ConstantTimeCompare(sum[:], p.exchange.upload) != 1 {
		s.count(p.name, "upload", "unauthorized", 1)
		ctx.Response.Header.Set("WWW-Authenticate", "Bearer")
		ctx.SetStatusCode(fasthttp.StatusUnauthorized)
		return
	}
	leave, ok := s.enter()
	if !ok {
		s.count(p.name, "upload", "busy", 1)
		ctx.Response.Header.Set("Retry-After", "5")
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
		return
	}
	defer leave()
	wait, cancel := context.WithTimeout(context.Background(), uploadTime)
	defer cancel()
	report, err := Import(wait, bytes.NewReader(ctx.Request.Body()), ImportOptions{
		Writer: s.Writer, Keyer: s.Keyer, Permit: audience.AssertConsent(), Exchange: p.id, Life: s.CookieLife,
	})
	s.count(p.name, "upload", "matched", int(report.Matched))
	s.count(p.name, "upload", "opted_out", int(report.OptedOut))
	s.count(p.name, "upload", "invalid", int(report.Bad))
	if err != nil {
		s.count(p.name, "upload", "failed", 1)
		s.Logger.Warn("an upload of matches failed", "exchange", p.name, "error", err)
		ctx.Response.Header.Set("Retry-After", "5")
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	body, _ := json.Marshal(report)
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
}
