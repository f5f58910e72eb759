package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// What may be configured at most. The limits keep one request's worst case
// bounded; they are far above what campaigns use.
const (
	MaxName   = 200       // characters
	MaxMarkup = 64 << 10  // bytes of a creative's HTML
	MaxURL    = 2048      // bytes
	MaxSeat   = 64        // characters
	MaxCPM    = money.Cap // of maximum bids

	MaxExchanges  = 100 // per line item, and so on
	MaxSizes      = 100
	MaxCountries  = 300
	MaxSites      = 5000 // of Include and Exclude, each
	MaxApps       = 5000
	MaxSegments   = 1000
	MaxDayparts   = 50
	MaxCaps       = 8
	MaxModifiers  = 20
	MaxTokens     = 1000 // of Include and Exclude, each: deals, cities, makes and the like
	MaxKeywords   = 1000
	MaxAreas      = 500
	MaxIPRanges   = 5000
	MaxSoftware   = 100
	MaxRecency    = 10
	MaxRuleDepth  = 5 // of a segment rule
	MaxRuleSize   = 200
	MaxDomains    = 10 // per creative, and so on
	MaxCategories = 50
	MaxAttributes = 50
	MaxTrackers   = 20 // of impressions and of clicks, each
	MaxMediaFiles = 20
	MaxCompanions = 10
	MaxAssets     = 20 // of titles, of images and of data, each: with a video they must fit what package native compiles
	MaxAPIs       = 10
	MaxApprovals  = 100
	MaxAssetText  = 1000 // characters
	MaxWeight     = 1000

	MaxMediaTrackers = 40 // of a video or audio, of all events
	MaxVerifications = 10
	MaxParameters    = 4096 // bytes of a verification's

	MaxAdvertiserSeats = 200 // per exchange
	MaxAuctionTypes    = 50
	MaxQPS             = 1_000_000
	MaxTaxonomy        = 499 // of IAB's; exchanges' own begin at 500
	MaxPriceMacro      = 64  // characters

	MaxInventoryLists   = 50        // per line item
	MaxInventoryEntries = 1_000_000 // per list
	MaxInventoryBytes   = 48 << 20  // of a list's entries

	MaxWithinHours   = 365 * 24
	MaxContentLength = 24 * 3600 // seconds

	// What bid modifiers multiply a value by, each and together.
	MinFactor, MaxFactor = 0.1, 10.0

	// What order values are of what is spent: goals and limits on returns.
	MinReturn, MaxReturn = 0.01, 1000.0

	MaxSide = 10_000 // CSS pixels of a creative's width or height

	// A user's exposures are kept for the longest window, and not without
	// number: a cap above that could never be reached.
	MaxCapImpressions = 100
	MinCapWindow      = time.Minute
	MaxCapWindow      = 30 * 24 * time.Hour
	MaxRecencyWindow  = 90 * 24 * time.Hour // of clicks and conversions; of impressions MaxCapWindow

	MaxMediaDuration = time.Hour // of video and audio
	MaxBitrate       = 200_000   // kbit/s

	MaxTMax        = 10 * time.Second
	MaxWinDeadline = 24 * time.Hour
	MaxHorizon     = event.MaxBillAge // what is billed later is not booked
)

// Flights lie between these years, so that every instant of theirs fits 64
// bits of nanoseconds.
const minYear, maxYear = 2000, 2199
