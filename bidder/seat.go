package bidder

// seatTaken goes by lists of seats that are invited, if there are any, and of
// those that are not.
func seatTaken(seat string, allowed, blocked [][]byte) bool {
	return (len(allowed) == 0 || contains(allowed, seat)) && !contains(blocked, seat)
}

// anySeat says whether one of our seats on the exchange is taken.
func (a *auction) anySeat(allowed, blocked [][]byte) bool {
	if seatTaken(a.ex.Seat, allowed, blocked) {
		return true
	}
	for i := range a.ex.AdvertiserSeats {
		if seatTaken(a.ex.AdvertiserSeats[i].Seat, allowed, blocked) {
			return true
		}
	}
	return false
}
