package validate

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/prebid/openrtb/v20/native1"
	"github.com/prebid/openrtb/v20/native1/request"
	"github.com/prebid/openrtb/v20/native1/response"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// nativeRequest is what an imp's native request asks for.
type nativeRequest struct {
	request.Request
	wrapped bool // in {"native":...}: then the response is, too
}

// readNativeRequest reads the JSON in a native imp; nil when it is not.
func readNativeRequest(n *openrtb2.Native) *nativeRequest {
	if n == nil {
		return nil
	}
	body := []byte(n.Request)
	var wrapper struct{ Native json.RawMessage }
	r := &nativeRequest{}
	if json.Unmarshal(body, &wrapper) == nil && len(wrapper.Native) > 0 {
		body, r.wrapped = wrapper.Native, true
	}
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &r.Request); err != nil && !errors.As(err, &mistyped) {
		return nil
	}
	return r
}

// checkNative holds a native response to its request (Native Ads 1.2). A
// request that cannot be read leaves the form alone to be judged.
func (c *checker) checkNative(b *bid, imp *openrtb2.Native, want *nativeRequest, adm string, secure bool) {
	c.checkMacros(adm)
	body := []byte(adm)
	var wrapper struct{ Native json.RawMessage }
	if err := json.Unmarshal(body, &wrapper); err != nil {
		c.add(Native, "%v", err)
		return
	}
	if len(wrapper.Native) > 0 {
		body = wrapper.Native
	}
	if want != nil && want.wrapped && len(wrapper.Native) == 0 {
		c.add(Native, `not in {"native":...}, as the request is`)
	}
	var got response.Response
	if err := json.Unmarshal(body, &got); err != nil {
		c.add(Native, "%v", err)
		return
	}
	if !absolute(got.Link.URL) {
		c.add(NativeLink, "%q", got.Link.URL)
	}
	c.checkNativeURLs(&got, secure)
	if want == nil {
		return
	}
	answered := map[int64]bool{}
	for i := range got.Assets {
		a := &got.Assets[i]
		if a.ID == nil || answered[*a.ID] {
			c.add(NativeAsset, "no id, or one twice")
			continue
		}
		answered[*a.ID] = true
		c.checkAsset(b, imp, want, a, secure)
	}
	for _, a := range want.Assets {
		if a.Required == 1 && !answered[a.ID] {
			c.add(NativeNeeds, "asset %d", a.ID)
		}
	}
	c.checkTrackers(want, &got)
}

// checkNativeURLs judges what the ad loads.
func (c *checker) checkNativeURLs(got *response.Response, secure bool) {
	loads := append(append([]string{}, got.ImpTrackers...), got.Link.ClickTrackers...)
	for _, t := range got.EventTrackers {
		loads = append(loads, t.URL)
	}
	for _, a := range got.Assets {
		if a.Img != nil {
			loads = append(loads, a.Img.URL)
		}
	}
	for _, u := range loads {
		if !absolute(u) {
			c.add(Native, "URL %q", u)
		} else if secure {
			c.checkSecure(u)
		}
	}
}

func (c *checker) checkAsset(b *bid, imp *openrtb2.Native, want *nativeRequest, a *response.Asset, secure bool) {
	var q *request.Asset
	for i := range want.Assets {
		if want.Assets[i].ID == *a.ID {
			q = &want.Assets[i]
			break
		}
	}
	switch {
	case q == nil:
		c.add(NativeAsset, "%d was not asked for", *a.ID)
	case a.Title != nil && q.Title != nil:
		c.checkLength(a.Title.Text, q.Title.Len)
	case a.Data != nil && q.Data != nil:
		if a.Data.Type != 0 && a.Data.Type != q.Data.Type {
			c.add(NativeAsset, "data of type %d for %d", a.Data.Type, q.Data.Type)
		}
		c.checkLength(a.Data.Value, q.Data.Len)
	case a.Img != nil && q.Img != nil:
		c.checkImage(a.Img, q.Img)
	case a.Video != nil && q.Video != nil:
		m := mediaOf(openrtb2.MarkupVideo, &openrtb2.Imp{Video: q.Video})
		c.checkAttributes(b, m.battr)
		m.battr = append(m.battr[:len(m.battr):len(m.battr)], imp.BAttr...)
		c.checkMedia(&bid{}, m, a.Video.VASTTag, secure)
	default:
		c.add(NativeAsset, "%d is of another kind", *a.ID)
	}
}

func (c *checker) checkLength(text string, most int64) {
	n := utf8.RuneCountInString(text)
	if n == 0 || most > 0 && int64(n) > most {
		c.add(NativeLength, "%d characters, %d at most", n, most)
	}
}

func (c *checker) checkImage(got *response.Image, want *request.Image) {
	typed := got.Type == 0 || want.Type == 0 || got.Type == want.Type
	// A size is optional in a response, and then nothing can be said.
	w := got.W == 0 || (want.W == 0 || got.W == want.W) && got.W >= want.WMin
	h := got.H == 0 || (want.H == 0 || got.H == want.H) && got.H >= want.HMin
	if !typed || !w || !h {
		c.add(NativeImage, "%dx%d of type %d for %dx%d, at least %dx%d, of type %d", got.W, got.H, got.Type, want.W, want.H, want.WMin, want.HMin, want.Type)
	}
}

// checkTrackers holds the ways of counting to those that the request lists. One
// without a list is of 1.0 or 1.1, which have imptrackers.
func (c *checker) checkTrackers(want *nativeRequest, got *response.Response) {
	if len(got.EventTrackers)+len(got.ImpTrackers) == 0 && got.JSTracker == "" {
		c.add(NativeTrack, "no impression is counted")
	}
	for _, t := range got.EventTrackers {
		if len(want.EventTrackers) > 0 && !lists(want.EventTrackers, t.Event, t.Method) {
			c.add(NativeTrack, "event %d by method %d", t.Event, t.Method)
		}
	}
}

func lists(all []request.EventTracker, event native1.EventType, method native1.EventTrackingMethod) bool {
	for _, t := range all {
		if t.Event == event && contains(t.Methods, method) {
			return true
		}
	}
	return false
}
