package openrtb

import "fmt"

// Version is the first three numbers of a version, 20 bits each; versions
// compare as the numbers do. 0 is an unknown one.
type Version uint64

// NewVersion returns a version; numbers beyond 20 bits are cut.
func NewVersion(major, minor, patch int) Version {
	return clip(major)<<40 | clip(minor)<<20 | clip(patch)
}

func clip(n int) Version { return Version(min(max(n, 0), 1<<20-1)) }

// Major returns the first number.
func (v Version) Major() int { return int(v >> 40) }

// String returns the three numbers with points between.
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v>>40, v>>20&(1<<20-1), v&(1<<20-1))
}

// ParseVersion reads the numbers at the front of a text: "17.4.1", "10_3_2".
// What has no number in front is unknown.
func ParseVersion(text []byte) Version {
	var n [3]int
	k := 0
	for i, c := range text {
		if (c == '.' || c == '_') && k < 2 && i > 0 {
			k++
		} else if isDigit(c) {
			n[k] = min(n[k]*10+int(c-'0'), 1<<20-1)
		} else {
			break
		}
	}
	return NewVersion(n[0], n[1], n[2])
}

// versionIn is ParseVersion from the first digit on: "iOS 17.4".
func versionIn(text []byte) Version {
	for i, c := range text {
		if isDigit(c) {
			return ParseVersion(text[i:])
		}
	}
	return 0
}

// OS is an operating system.
type OS uint8

// The operating systems that are told apart.
const (
	OSUnknown OS = iota
	OSAndroid
	OSIOS // with iPadOS
	OSWindows
	OSMacOS
	OSLinux
	OSChromeOS
	OSTVOS
	OSFireOS
	OSRoku
	OSTizen
	OSWebOS
	OSPlayStation
	OSXbox
	OSKaiOS
	OSHarmony
	osCount
)

var osNames = [osCount]string{"", "android", "ios", "windows", "macos", "linux", "chromeos", "tvos", "fireos", "roku", "tizen", "webos", "playstation", "xbox", "kaios", "harmonyos"}

// String returns the name by which campaigns target it; empty when unknown.
func (o OS) String() string {
	if o < osCount {
		return osNames[o]
	}
	return ""
}

// OSNames returns the names of all that are told apart.
func OSNames() []string { return append([]string(nil), osNames[1:]...) }

// Browser is a browser.
type Browser uint8

// The browsers that are told apart.
const (
	BrowserUnknown Browser = iota
	BrowserChrome
	BrowserSafari
	BrowserFirefox
	BrowserEdge
	BrowserOpera
	BrowserSamsung
	BrowserUC
	BrowserYandex
	BrowserBrave
	BrowserVivaldi
	BrowserDuckDuckGo
	BrowserSilk
	BrowserMIUI
	BrowserHuawei
	BrowserIE
	BrowserWebView // inside an app
	browserCount
)

var browserNames = [browserCount]string{"", "chrome", "safari", "firefox", "edge", "opera", "samsung", "uc", "yandex", "brave", "vivaldi", "duckduckgo", "silk", "miui", "huawei", "ie", "webview"}

// String returns the name by which campaigns target it; empty when unknown.
func (b Browser) String() string {
	if b < browserCount {
		return browserNames[b]
	}
	return ""
}

// BrowserNames returns the names of all that are told apart.
func BrowserNames() []string { return append([]string(nil), browserNames[1:]...) }

// Software is what runs on a device.
type Software struct {
	OS             OS
	OSVersion      Version
	Browser        Browser
	BrowserVersion Version
}

// Software returns the device's operating system and browser: what its hints
// say, else its fields, else its user agent. Browsers froze the versions in
// their agents, which the fields are read from, so hints come first, unless
// they too were read from the agent. It reads the texts at each call, so
// whoever does not target by software does not pay for it.
func (d *Device) Software() (s Software) {
	agent, hints := parseUserAgent(d.UserAgent), d.Hints.software()
	field := Software{OS: parseOS(d.OS), OSVersion: versionIn(d.OSVersion)}
	sources := [...]*Software{&hints, &field, &agent}
	if d.Hints.Source == hintsOfAgent {
		sources[0], sources[1] = &field, &hints
	}
	for _, x := range sources {
		if s.OS == OSUnknown {
			s.OS = x.OS
		}
	}
	if field.OS == OSUnknown { // a version alone is of the system that others name
		field.OS = s.OS
	}
	for _, x := range sources {
		if s.OSVersion == 0 && x.OS == s.OS {
			s.OSVersion = x.OSVersion
		}
	}
	s.Browser, s.BrowserVersion = hints.Browser, hints.BrowserVersion
	if s.Browser == BrowserUnknown {
		s.Browser, s.BrowserVersion = agent.Browser, agent.BrowserVersion
	}
	return s
}

// hintsOfAgent is the source of hints that were read from the user agent.
const hintsOfAgent = 3

// windowsVersion returns the version of Windows as people name it, for the
// number that hints have: 13 and more is Windows 11 (11 is what some send who
// mean it), 1 to 10 is Windows 10, and 0.1 to 0.3 are 7, 8 and 8.1.
func windowsVersion(hint Version) Version {
	switch major, minor := hint.Major(), int(hint>>20&(1<<20-1)); {
	case major > 10:
		return NewVersion(11, 0, 0)
	case major > 0:
		return NewVersion(10, 0, 0)
	case minor == 1:
		return NewVersion(7, 0, 0)
	case minor == 2:
		return NewVersion(8, 0, 0)
	case minor == 3:
		return NewVersion(8, 1, 0)
	}
	return 0
}
