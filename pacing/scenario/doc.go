// Package scenario answers: does the money come out right, whatever happens?
//
// It plays short scripts, which an accountant can read, against the real
// ledger, pacer, holds and booker, on a clock that the script moves. After
// every line the books are compared with those that the played exchange keeps
// itself, and the laws of money are checked (see books.go and ceilings.go). One statement per
// line, '#' begins a comment. Prices are per thousand impressions, as
// exchanges say them; budgets and what is expected are amounts: a bid at 2.50
// costs 0.0025.
//
//	exchange deadline 60s horizon 1h        terms of the bids that follow (these are the default)
//	exchange in EUR                         bids and notices that follow are in EUR; advertisers pay in USD
//	rate EUR USD 1.0850 from 2026-12-01 13:00
//	                                        what one EUR is in USD, from a time on; without one, from now on
//	campaign Boots daily 10.00 lifetime 90 in America/New_York max 5.00
//	advertiser acme prepaid 50.00           pays 50.00 in, which all its campaigns share; "in ZONE" too.
//	advertiser acme credit 100.00           has a credit line; said of an advertiser that is there, it changes
//	campaign Boots of acme daily 10.00      in the advertiser's zone
//	pay acme 20.00, refund acme 5.00        each is sent twice, and books once
//	fees Boots markup 10% data 0.10 tech 0.05 from 2026-12-01 13:00
//	                                        what its advertiser pays beyond the media cost, which budgets bear
//	line Kids of Boots daily 2.00 max 4.00  another line item of the campaign, with a budget of its own
//	at 2026-12-01 23:59                     the clock, in the zone of the last campaign
//	wait 1h                                 the same by a duration; bidders tick meanwhile
//	bidder A                                starts; "bidder A2 as A" under A's name, which fences A
//	slice                                   a second passes, and every bidder ticks
//	bid b1 on Boots at 2.50 by A            or many: b1..b20; "by" may be left out where there is one bidder
//	bid b1 on Boots at 2.50 within 5s       tries again every second: a bidder that was idle has to ask
//	                                        the ledger first
//	win b1 at 2.10                          notices; without a price none is told
//	lose b1 via B                           B takes it and cannot tell the bidder that holds the money
//	bill b1 late 40m twice at 2.10          arrives 40 minutes from now, then again. Prices may be
//	                                        AUDIT, UNEXPANDED, UNREADABLE; "3 times" is more often
//	kill A, restart A, stop A               stop is orderly: it returns what is not held
//	ledger down for A, ledger mute, ledger up
//	                                        mute does what it is asked, and its answers are lost
//	booking stops, booking goes on          the worker that books is gone, and comes back
//	controller starts, controller is lost   the one that steps for all bidders that start after it
//	budget Boots daily 5.00                 edits the campaign's or line item's budget
//	pause Boots, resume Boots
//
//	expect booked Boots 0.0021              booked, disputed, overrun, outstanding, free: the ledger.
//	expect balance acme 12.50               what is left to grant of its funding; booked, overrun, held,
//	                                        risk and so on of acme are its balance's too, and what it paid: paid
//	expect held Boots by A 0.0025           held, available, risk: the bidders' memories, all or one;
//	                                        exposed is held and risk, of which a reserve takes from the one to the other
//	expect booked Boots daily on 2026-12-01 0.0021
//	                                        where a campaign has two budgets, or another day is meant
//	expect bid refused                      what became of the last bid: taken or refused
//	expect refund refused                   or booked
//	expect taken 4                          how many of the last bids were
//	expect A fenced                         or ready, or stopped
//	expect led A yes                        or no: whether it bids by the controller of all
//	expect late 1                           bookings after their horizon; bookings, unpriced, expired
//
// A bid or refund that is refused although no line expects it fails the script. This
// package must never be imported but by tests.
package scenario
