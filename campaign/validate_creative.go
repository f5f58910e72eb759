package campaign

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

const (
	wantURL     = "must be an absolute https or http URL of at most 2048 ASCII characters"
	wantLanding = "must be an absolute https or http URL of at most %d ASCII characters, without a user name or password"
	wantSecure  = "must be https, since secure says so"
)

// Validate returns Problems, or nil.
func (x *Creative) Validate() error {
	c := newCheck()
	c.identity(int64(x.ID), x.Name, x.Status)
	c.parent("line_item_id", int64(x.LineItemID))
	c.content(x)
	if c.want(isLandingURL(x.LandingURL), "landing_url", wantLanding, MaxURL) {
		wrong := len(x.Domains) == 0 || len(x.Domains) > MaxDomains || slices.ContainsFunc(x.Domains, func(d string) bool { return !isDomain(d) })
		c.want(wrong || onDomains(x.LandingURL, x.Domains), "landing_url", "must be on one of domains, or below one")
	}
	c.trackers(x)
	if c.count("domains", len(x.Domains), 1, MaxDomains) {
		each(c.in("domains"), x.Domains, isDomain, wantDomain)
		each(c.in("domains"), x.Domains, func(s string) bool { return !isDomain(s) || !isPublicSuffix(s) },
			"must be somebody's: under a public suffix such as co.uk anybody may register")
	}
	c.want(x.AppBundle == "" || isBundle(x.AppBundle), "app_bundle", wantBundle)
	c.creativeCategories(x)
	if c.count("attributes", len(x.Attributes), 0, MaxAttributes) {
		each(c.in("attributes"), x.Attributes, isAttribute, "must be 1 to 999, of OpenRTB's list Creative Attributes")
	}
	if c.count("apis", len(x.APIs), 0, MaxAPIs) {
		each(c.in("apis"), x.APIs, isAttribute, "must be 1 to 999, of OpenRTB's list API Frameworks")
	}
	c.want(x.Language == "" || len(x.Language) == 2 && all(x.Language, isLower), "language", "must be an ISO 639-1 code such as de")
	c.want(x.Weight >= 0 && x.Weight <= MaxWeight, "weight", "must be 1 to %d, or left out for 1", MaxWeight)
	c.approvals(x.Approvals)
	return c.err()
}

// content checks that the format's own fields are there and no others.
func (c check) content(x *Creative) {
	const notHere = "must be left out of this format"
	kind := x.Kind()
	if kind == FormatBanner {
		c.in("size").size(x.Size)
		if x.ImageURL == "" {
			c.markup("markup", x.Markup, x.Secure)
		} else {
			c.want(x.Markup == "", "image_url", "must be left out with markup")
			c.resource("image_url", x.ImageURL, x.Secure)
		}
	} else {
		c.want(x.Size == Size{}, "size", notHere)
		c.want(x.Markup == "", "markup", notHere)
		c.want(x.ImageURL == "", "image_url", notHere)
	}
	switch kind {
	case FormatBanner, FormatVideo, FormatAudio, FormatNative:
	default:
		c.want(false, "format", "must be banner, video, audio or native")
		return
	}
	switch isMedia := kind == FormatVideo || kind == FormatAudio; {
	case !isMedia:
		c.want(x.Media == nil, "media", notHere)
	case c.want(x.Media != nil, "media", "must be given"):
		c.in("media").media(x.Media, kind == FormatAudio, x.Secure)
	}
	switch {
	case kind != FormatNative:
		c.want(x.Native == nil, "native", notHere)
	case c.want(x.Native != nil, "native", "must be given"):
		c.in("native").native(x.Native, x.Secure)
	}
}

func (c check) media(m *Media, audio, secure bool) {
	c.want(m.DurationMS > 0 && m.DurationMS <= int(MaxMediaDuration/time.Millisecond), "duration_ms", "must be 1 to %d", MaxMediaDuration/time.Millisecond)
	c.want(m.SkipAfterMS >= 0 && m.SkipAfterMS <= m.DurationMS, "skip_after_ms", "must be 0 to duration_ms")
	c.want(m.Skippable || m.SkipAfterMS == 0, "skip_after_ms", "must be left out without skippable")
	if m.TagURL != "" {
		c.resource("tag_url", m.TagURL, secure)
		c.want(len(m.Files) == 0, "files", "must be left out with tag_url")
		c.want(!m.Skippable, "skippable", "must be left out with tag_url")
	} else if c.count("files", len(m.Files), 1, MaxMediaFiles) {
		for i := range m.Files {
			c.in("files").at(i).mediaFile(&m.Files[i], audio, secure)
		}
		c.want(slices.ContainsFunc(m.Files, func(f MediaFile) bool { return !f.Interactive() }), "files", "must have one that is not of SIMID, to be played")
	}
	c.measurement(m)
	if c.count("companions", len(m.Companions), 0, MaxCompanions) {
		for i := range m.Companions {
			c.in("companions").at(i).companion(&m.Companions[i], secure)
		}
	}
}

func (c check) mediaFile(f *MediaFile, audio, secure bool) {
	c.resource("url", f.URL, secure)
	c.want(isMIME(f.MIME), "mime", "must be a MIME type such as video/mp4")
	switch unsized := f.W == 0 && f.H == 0; {
	case f.Interactive() && unsized:
	case !audio:
		c.size(Size{f.W, f.H})
	default:
		c.want(unsized, "w", "must be left out of audio")
	}
	c.want(f.Bitrate >= 0 && f.Bitrate <= MaxBitrate, "bitrate_kbps", "must be 1 to %d, or left out", MaxBitrate)
	c.want(len(f.Codec) <= 64 && all(f.Codec, isVisible), "codec", "must be at most 64 ASCII characters")
	c.want(len(f.API) <= 64 && all(f.API, isVisible), "api", "must be at most 64 ASCII characters")
}

func (c check) companion(p *Companion, secure bool) {
	c.in("size").size(p.Size)
	if p.ImageURL == "" {
		c.markup("markup", p.Markup, secure)
	} else {
		c.want(p.Markup == "", "image_url", "must be left out with markup")
		c.resource("image_url", p.ImageURL, secure)
		c.want(isMIME(p.MIME), "mime", "must be a MIME type such as image/png")
	}
	c.text("alt_text", p.AltText, 0, MaxName)
	if c.count("view_trackers", len(p.ViewTrackers), 0, MaxTrackers) {
		each(c.in("view_trackers"), p.ViewTrackers, isSecureResource, wantSecureURL)
	}
}

func (c check) native(n *Native, secure bool) {
	c.want(len(n.Titles)+len(n.Images)+len(n.Data) > 0 || n.Video != nil, "", "must have an asset")
	if c.count("titles", len(n.Titles), 0, MaxAssets) {
		for i, t := range n.Titles {
			c.in("titles").at(i).assetText("", t)
		}
	}
	if c.count("images", len(n.Images), 0, MaxAssets) {
		for i := range n.Images {
			m, c := &n.Images[i], c.in("images").at(i)
			c.want(isAttribute(m.Type), "type", "must be 1 to 999, of the list of image asset types")
			c.resource("url", m.URL, secure)
			c.want(m.MIME == "" || isMIME(m.MIME), "mime", "must be a MIME type such as image/png")
			c.size(Size{m.W, m.H})
		}
	}
	if c.count("data", len(n.Data), 0, MaxAssets) {
		for i, d := range n.Data {
			c := c.in("data").at(i)
			c.want(isAttribute(d.Type), "type", "must be 1 to 999, of the list of data asset types")
			c.assetText("value", d.Value)
		}
	}
	if n.Video != nil {
		c.in("video").media(n.Video, false, secure)
	}
	if n.PrivacyURL != "" {
		c.want(isLandingURL(n.PrivacyURL), "privacy_url", wantLanding, MaxURL)
	}
}

// assetText checks a text of which requests limit the characters: with a macro
// in it nobody could count them.
func (c check) assetText(field, s string) {
	c.text(field, s, 1, MaxAssetText)
	c.want(!strings.Contains(s, "${"), field, "must hold no macro")
}

func (c check) trackers(x *Creative) {
	if c.count("impression_trackers", len(x.ImpressionTrackers), 0, MaxTrackers) {
		for i, u := range x.ImpressionTrackers {
			c.in("impression_trackers").at(i).resource("", u, x.Secure)
		}
	}
	if !c.count("click_trackers", len(x.ClickTrackers), 0, MaxTrackers) {
		return
	}
	banner := x.Kind() == FormatBanner
	for i, u := range x.ClickTrackers {
		c := c.in("click_trackers").at(i)
		if !c.resource("", u, x.Secure) {
			continue
		}
		c.want(strings.Contains(u, LandingMacro) == banner, "",
			"must hold "+LandingMacro+", to which it redirects, if it is of a banner; others call it beside")
	}
	if banner && len(x.ClickTrackers) > 0 {
		c.want(isLandingURL(x.ClickTarget()), "click_trackers", "must be at most %d characters with the landing URL in them", MaxURL)
	}
}

func (c check) creativeCategories(x *Creative) {
	t := x.Taxonomy
	if !c.want(t == 0 || IsContentTaxonomy(t), "category_taxonomy", "must be 1, 2, 5, 6, 7 or 9: an IAB Content Taxonomy") {
		return
	}
	if !c.count("categories", len(x.Categories), 0, MaxCategories) {
		return
	}
	if t <= Content1 {
		each(c.in("categories"), x.Categories, isCategory, "must be an IAB Content Taxonomy 1.0 category such as IAB3 or IAB3-1")
		return
	}
	each(c.in("categories"), x.Categories, isCode, "must be a code of its taxonomy such as 52")
}

func (c check) approvals(all []Approval) {
	if !c.count("approvals", len(all), 0, MaxApprovals) {
		return
	}
	for i, a := range all {
		c := c.in("approvals").at(i)
		c.want(a.ExchangeID > 0, "exchange_id", wantID)
		c.want(!slices.ContainsFunc(all[:i], func(b Approval) bool { return b.ExchangeID == a.ExchangeID }), "exchange_id", "must be there once")
		c.want(a.State == ApprovalPending || a.State == Approved || a.State == Rejected, "state", "must be pending, approved or rejected")
		c.text("creative_id", a.CreativeID, 0, MaxName)
	}
}

func (c check) markup(field, s string, secure bool) {
	ok := s != "" && len(s) <= MaxMarkup && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
	c.want(ok, field, "must be HTML in UTF-8, 1 to %d bytes, without NUL", MaxMarkup)
	if u := InsecureResource(s); secure && u != "" {
		c.want(false, field, "must load nothing over http://, since secure says so")
	}
}

// resource checks a URL that a creative loads. Macros may be in it.
func (c check) resource(field, s string, secure bool) bool {
	return c.want(isResource(s), field, wantURL) && c.want(!secure || strings.HasPrefix(s, "https://"), field, wantSecure)
}

// isResource does not read the path with net/url, which refuses the macros of
// others such as %%CACHEBUSTER%%.
func isResource(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	return ok && len(s) <= MaxURL && all(s, isVisible) && !strings.ContainsAny(s, "\\\"<>`'") && isLandingURL("https://"+host)
}

// onDomains says whether a URL's host is one of the domains or below one.
func onDomains(landing string, domains []string) bool {
	u, err := url.Parse(landing)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return slices.ContainsFunc(domains, func(d string) bool { return d != "" && (host == d || strings.HasSuffix(host, "."+d)) })
}

// isPublicSuffix says whether a domain is one below which anybody may
// register. A top-level domain that no list knows is none.
func isPublicSuffix(domain string) bool {
	suffix, listed := publicsuffix.PublicSuffix(domain)
	return listed && suffix == domain
}

func isMIME(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && kind != "" && sub != "" && len(s) <= 100 && all(s, isVisible) && !strings.ContainsAny(s, "\"<>&'")
}

func isCode(s string) bool {
	return s != "" && len(s) <= 16 && all(s, func(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) })
}

// Taxonomies of OpenRTB's list "Category Taxonomies" that creatives may be in.
const (
	Content1  = 1
	Content20 = 2
	Content21 = 5
	Content22 = 6
	Content30 = 7
	Content31 = 9
)

// IsContentTaxonomy says whether a number of the list "Category Taxonomies" is
// one of the IAB's content taxonomies.
func IsContentTaxonomy(n int) bool {
	switch n {
	case Content1, Content20, Content21, Content22, Content30, Content31:
		return true
	}
	return false
}
