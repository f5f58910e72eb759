package catalog

import (
	"hash/maphash"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/openrtb"
)

// A facet is a property of a request that lists name values of. Values are
// 64 bits: a number, or the hash of a text in lower case; of the ids of deals,
// publishers and placements, of the text as it is. Two texts of one hash would count as equal; there is one such pair in billions of billions,
// and the seed is another in every process, so nobody can look for one.
type facet uint8

// Those of the request come first, then those of the imp.
const (
	facetPublisher facet = iota // exact
	facetSite                   // the domain and every domain above it
	facetApp
	facetCategory
	facetGenre
	facetContentLanguage
	facetContentRating
	facetLivestream
	facetContentData
	facetRegion
	facetCity
	facetZip
	facetMetro
	facetMake
	facetModel
	facetOS
	facetBrowser
	facetCarrier
	facetConnection
	facetLanguage
	facetGender
	facetUserData

	facetDeal      // exact
	facetSeat      // of the request and of deals
	facetPlacement // exact
	facetPosition
	facetFormat
	facetSkippable
	facetRewarded
	facetVideoPlacement
	facetRoll
	facetPlayback
	facetNativeContext
	facetNativePlacement

	facetCount

	firstOfImp = facetDeal
)

// reasonOf is what a line item says that does not take a facet's values.
var reasonOf = [facetCount]openrtb.Reason{
	facetDeal: openrtb.WrongDeal, facetSeat: openrtb.WrongDeal,
	facetPublisher: openrtb.WrongInventory, facetSite: openrtb.WrongInventory, facetApp: openrtb.WrongInventory,
	facetPlacement: openrtb.WrongInventory,
	facetCategory:  openrtb.WrongContent, facetGenre: openrtb.WrongContent, facetContentLanguage: openrtb.WrongContent,
	facetContentRating: openrtb.WrongContent, facetLivestream: openrtb.WrongContent,
	facetContentData: openrtb.WrongContent,
	facetPosition:    openrtb.WrongPlacement, facetFormat: openrtb.WrongPlacement,
	facetSkippable: openrtb.WrongPlacement, facetRewarded: openrtb.WrongPlacement,
	facetVideoPlacement: openrtb.WrongPlacement, facetRoll: openrtb.WrongPlacement, facetPlayback: openrtb.WrongPlacement,
	facetNativeContext: openrtb.WrongPlacement, facetNativePlacement: openrtb.WrongPlacement,
	facetRegion: openrtb.WrongPlace, facetCity: openrtb.WrongPlace, facetZip: openrtb.WrongPlace, facetMetro: openrtb.WrongPlace,
	facetMake: openrtb.WrongDevice, facetModel: openrtb.WrongDevice, facetOS: openrtb.WrongDevice,
	facetBrowser: openrtb.WrongDevice, facetLanguage: openrtb.WrongDevice,
	facetCarrier: openrtb.WrongNetwork, facetConnection: openrtb.WrongNetwork,
	facetGender: openrtb.WrongDemographics, facetUserData: openrtb.WrongUserData,
}

var seed = maphash.MakeSeed()

// maxText is the longest text that is compared, in bytes. No configured one
// is longer.
const maxText = 512

// textValue returns the value of parts joined, in lower case. It does not
// allocate.
func textValue[T string | []byte](parts ...T) uint64 {
	var buf [maxText]byte
	b := buf[:0]
	for _, p := range parts {
		if len(b)+len(p) > maxText-utf8.UTFMax {
			return 0
		}
		b = fold(b, p)
	}
	return maphash.Bytes(seed, b)
}

// exactValue returns the value of a text as it is, for ids that others chose.
// It does not allocate.
func exactValue[T string | []byte](parts ...T) uint64 {
	var buf [maxText]byte
	b := buf[:0]
	for _, p := range parts {
		if len(b)+len(p) > maxText {
			return 0
		}
		b = append(b, p...)
	}
	return maphash.Bytes(seed, b)
}

// fold appends text in lower case, up to dst's capacity.
func fold[T string | []byte](dst []byte, text T) []byte {
	for i := 0; i < len(text) && len(dst) <= cap(dst)-utf8.UTFMax; {
		if c := text[i]; c < utf8.RuneSelf {
			dst = append(dst, lowerByte(c))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(string(text[i:min(len(text), i+utf8.UTFMax)]))
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
		i += n
	}
	return dst
}

// truth is the value of a facet that is or is not.
func truth(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

// values is a set of a facet's values, ascending.
type values []uint64

func newValues(all []uint64) values {
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}

// hasAny says whether one of some values, which are as [Query.of] returns
// them, is in the set.
func (v values) hasAny(some []uint64) bool {
	if len(some) > max(fewValues, len(v)) {
		return values(some).hasAny(v)
	}
	for _, s := range some {
		if v.has(s) {
			return true
		}
	}
	return false
}

func (v values) has(s uint64) bool {
	if len(v) <= 8 {
		return slices.Contains(v, s)
	}
	_, found := slices.BinarySearch(v, s)
	return found
}
