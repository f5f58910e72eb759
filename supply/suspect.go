package supply

import (
	"bytes"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/net/publicsuffix"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Checks is a set of looks at whether a request contradicts itself.
type Checks uint16

// The checks.
const (
	ImpossibleScreen Checks = 1 << iota
	NoUserAgent
	HintsDisagree
	DeviceDisagrees
	BrowserInApp
	BundleOnSite
	CountryDisagrees

	checkCount = iota
)

// AllChecks is every check.
const AllChecks Checks = 1<<checkCount - 1

// checks describes each, in order.
var checks = [checkCount]struct{ name, doc string }{
	{"screen", "the screen has a side but not the other, or one that no screen has, or is over six times as long as wide"},
	{"no_user_agent", "neither a user agent nor hints were sent"},
	{"hints", "the user agent's hints (sua) name another system than the user agent, or disagree about being a phone"},
	{"device", "device.os or the device's type cannot be what the user agent says"},
	{"app_browser", "an app's user agent is a desktop browser's"},
	{"site_bundle", "the site's domain is an app's bundle"},
	{"country", "the client's address is of another country than device.geo says, by the geo database"},
}

// CheckNames returns the names of all checks.
func CheckNames() (names []string) {
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}

// ParseChecks reads names with commas between, "all", or "none", which nothing
// is too.
func ParseChecks(text string) (set Checks, err error) {
	switch text {
	case "all":
		return AllChecks, nil
	case "none", "":
		return 0, nil
	}
next:
	for name := range strings.SplitSeq(text, ",") {
		for i, c := range checks {
			if name = strings.TrimSpace(name); name == c.name {
				set |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("there is no check %q: want all, none, or some of %s", name, strings.Join(CheckNames(), ", "))
	}
	return set, nil
}

// Suspect makes the checks in set and returns those that the request fails.
func Suspect(r *openrtb.Request, p *geo.Place, set Checks) (failed Checks) {
	if set == 0 {
		return 0
	}
	d := &r.Device
	on := systemOf(d.UserAgent)
	fail := func(c Checks, bad bool) {
		if bad {
			failed |= c & set
		}
	}
	fail(ImpossibleScreen, impossible(d.W, d.H))
	fail(NoUserAgent, len(d.UserAgent) == 0 && !d.Hints.Sent && r.DOOH == nil)
	fail(HintsDisagree, hintsDisagree(&d.Hints, on))
	fail(DeviceDisagrees, deviceDisagrees(d, on))
	fail(BrowserInApp, r.App != nil && browserInApp(d, on))
	if set&BundleOnSite != 0 && r.Site != nil {
		fail(BundleOnSite, isBundle(r.Site.Domain))
	}
	fail(CountryDisagrees, p != nil && p.AddressCountry != [3]byte{} && d.Country != [3]byte{} && p.AddressCountry != d.Country)
	return failed
}

// impossible says whether no screen is w times h pixels. Watches have some
// 200, walls of screens 8,000.
func impossible(w, h int) bool {
	const least, most, ratio = 100, 16_384, 6
	switch {
	case w == 0 && h == 0: // not said
		return false
	case w < least, h < least, w > most, h > most:
		return true
	}
	return w > ratio*h || h > ratio*w
}

// system is an operating system as far as a user agent cannot be mistaken
// about it.
type system uint8

const (
	otherSystem system = iota
	android
	iOS
	windows
	mac
	linux
	chromeOS
)

// systemOf reads a user agent. Its casing is fixed by what browsers send.
func systemOf(agent []byte) system {
	switch {
	case len(agent) == 0:
		return otherSystem
	case bytes.Contains(agent, []byte("Windows Phone")), bytes.Contains(agent, []byte("Tizen")), bytes.Contains(agent, []byte("Xbox")):
		return otherSystem
	case bytes.Contains(agent, []byte("Android")):
		return android
	case bytes.Contains(agent, []byte("iPhone")), bytes.Contains(agent, []byte("iPad")), bytes.Contains(agent, []byte("iPod")):
		return iOS
	case bytes.Contains(agent, []byte("Windows NT")):
		return windows
	case bytes.Contains(agent, []byte("Macintosh")):
		return mac
	case bytes.Contains(agent, []byte("CrOS")):
		return chromeOS
	case bytes.Contains(agent, []byte("X11; Linux")):
		return linux
	}
	return otherSystem
}

// named returns the system that a name in a hint or in device.os means.
func named(name []byte) system {
	for _, n := range systemNames {
		if bytes.EqualFold(name, n.name) {
			return n.is
		}
	}
	return otherSystem
}

var systemNames = []struct {
	name []byte
	is   system
}{
	{[]byte("Android"), android}, {[]byte("iOS"), iOS}, {[]byte("iPadOS"), iOS}, {[]byte("iPhone OS"), iOS}, {[]byte("Windows"), windows},
	{[]byte("macOS"), mac}, {[]byte("Mac OS X"), mac}, {[]byte("OS X"), mac}, {[]byte("Linux"), linux}, {[]byte("Chrome OS"), chromeOS}, {[]byte("ChromeOS"), chromeOS},
}

// differ says whether two systems cannot be the same device. Tablets that ask
// for desktop pages say Macintosh or X11, Android is a Linux, and Chrome OS
// runs Android's apps.
func differ(a, b system) bool {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == otherSystem, a == b, a == iOS && b == mac, a == android && (b == linux || b == chromeOS), a == linux && b == chromeOS:
		return false
	}
	return true
}

func hintsDisagree(h *openrtb.Hints, on system) bool {
	if !h.Sent || h.Source == 3 || on == otherSystem { // 3: taken from the user agent itself
		return false
	}
	return differ(named(h.Platform.Name), on) ||
		h.Mobile == 1 && on == windows ||
		h.Mobile == 0 && on == iOS && len(h.Platform.Name) == 0
}

// The list Device Types.
const (
	mobileOrTablet = 1
	computer       = 2
	phone          = 4
	tablet         = 5
)

func deviceDisagrees(d *openrtb.Device, on system) bool {
	switch {
	case on == otherSystem:
		return false
	case differ(named(d.OS), on):
		return true
	case d.Type == phone:
		return on == windows || on == chromeOS // an iPhone that asks for desktop pages says Macintosh
	case d.Type == mobileOrTablet:
		return on == windows && !touches(d.UserAgent)
	case d.Type == computer:
		return on == iOS && !bytes.Contains(d.UserAgent, []byte("iPad"))
	}
	return false
}

// touches says whether a Windows user agent is a tablet's.
func touches(agent []byte) bool {
	return bytes.Contains(agent, []byte("Touch")) || bytes.Contains(agent, []byte("Tablet PC"))
}

// browserInApp says whether a desktop browser claims to be an app. Apps on
// computers, consoles and televisions may show themselves as one.
func browserInApp(d *openrtb.Device, on system) bool {
	switch d.Type {
	case 0, mobileOrTablet, phone, tablet:
	default:
		return false
	}
	if d.Type == 0 && named(d.OS) != android && named(d.OS) != iOS {
		return false
	}
	return (on == windows || on == chromeOS || on == mac && named(d.OS) != iOS && d.Type != tablet) &&
		bytes.Contains(d.UserAgent, []byte("Mozilla/")) && !bytes.Contains(d.UserAgent, []byte("Electron"))
}

// isBundle says whether a site's domain is how apps are named: a number, as
// Apple's store has, or a domain backwards, as com.example.game.
func isBundle(domain []byte) bool {
	if len(domain) == 0 {
		return false
	}
	digits := bytes.TrimPrefix(domain, []byte("id"))
	if len(digits) >= 6 && len(bytes.Trim(digits, "0123456789")) == 0 {
		return true
	}
	first, rest, _ := bytes.Cut(domain, dot)
	if !bytes.Contains(rest, dot) || !(string(first) == "com" || string(first) == "net" || string(first) == "org" || string(first) == "io") {
		return false
	}
	_, real := publicsuffix.PublicSuffix(unsafe.String(&domain[0], len(domain)))
	return !real
}
