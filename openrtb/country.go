package openrtb

// countries holds the ISO 3166-1 countries, five letters each, sorted: the
// alpha-2 code, then the alpha-3 one. UK and XK are not of the standard, but
// of the trade.
const countries = "" +
	"ADANDAEAREAFAFGAGATGAIAIAALALBAMARMAOAGOAQATAARARGASASMATAUTAUAUSAWABWAXALAAZAZE" +
	"BABIHBBBRBBDBGDBEBELBFBFABGBGRBHBHRBIBDIBJBENBLBLMBMBMUBNBRNBOBOLBQBESBRBRABSBHS" +
	"BTBTNBVBVTBWBWABYBLRBZBLZCACANCCCCKCDCODCFCAFCGCOGCHCHECICIVCKCOKCLCHLCMCMRCNCHN" +
	"COCOLCRCRICUCUBCVCPVCWCUWCXCXRCYCYPCZCZEDEDEUDJDJIDKDNKDMDMADODOMDZDZAECECUEEEST" +
	"EGEGYEHESHERERIESESPETETHFIFINFJFJIFKFLKFMFSMFOFROFRFRAGAGABGBGBRGDGRDGEGEOGFGUF" +
	"GGGGYGHGHAGIGIBGLGRLGMGMBGNGINGPGLPGQGNQGRGRCGSSGSGTGTMGUGUMGWGNBGYGUYHKHKGHMHMD" +
	"HNHNDHRHRVHTHTIHUHUNIDIDNIEIRLILISRIMIMNININDIOIOTIQIRQIRIRNISISLITITAJEJEYJMJAM" +
	"JOJORJPJPNKEKENKGKGZKHKHMKIKIRKMCOMKNKNAKPPRKKRKORKWKWTKYCYMKZKAZLALAOLBLBNLCLCA" +
	"LILIELKLKALRLBRLSLSOLTLTULULUXLVLVALYLBYMAMARMCMCOMDMDAMEMNEMFMAFMGMDGMHMHLMKMKD" +
	"MLMLIMMMMRMNMNGMOMACMPMNPMQMTQMRMRTMSMSRMTMLTMUMUSMVMDVMWMWIMXMEXMYMYSMZMOZNANAM" +
	"NCNCLNENERNFNFKNGNGANINICNLNLDNONORNPNPLNRNRUNUNIUNZNZLOMOMNPAPANPEPERPFPYFPGPNG" +
	"PHPHLPKPAKPLPOLPMSPMPNPCNPRPRIPSPSEPTPRTPWPLWPYPRYQAQATREREUROROURSSRBRURUSRWRWA" +
	"SASAUSBSLBSCSYCSDSDNSESWESGSGPSHSHNSISVNSJSJMSKSVKSLSLESMSMRSNSENSOSOMSRSURSSSSD" +
	"STSTPSVSLVSXSXMSYSYRSZSWZTCTCATDTCDTFATFTGTGOTHTHATJTJKTKTKLTLTLSTMTKMTNTUNTOTON" +
	"TRTURTTTTOTVTUVTWTWNTZTZAUAUKRUGUGAUKGBRUMUMIUSUSAUYURYUZUZBVAVATVCVCTVEVENVGVGB" +
	"VIVIRVNVNMVUVUTWFWLFWSWSMXKXKXYEYEMYTMYTZAZAFZMZMBZWZWE"

// alpha3 returns the upper-case alpha-3 code of a country that is given by
// its alpha-3 or alpha-2 code in any case. Three letters are taken as they
// are; false says that the text is no code.
func alpha3(text []byte) (code [3]byte, known bool) {
	if len(text) != 2 && len(text) != 3 {
		return code, false
	}
	for i, c := range text {
		if c |= 0x20; c-'a' >= 26 {
			return [3]byte{}, false
		}
		code[i] = text[i] &^ 0x20
	}
	if len(text) == 3 {
		return code, true
	}
	low, high := 0, len(countries)/5
	for low < high {
		mid := (low + high) / 2
		row := countries[mid*5 : mid*5+5]
		switch {
		case row[0] == code[0] && row[1] == code[1]:
			return [3]byte{row[2], row[3], row[4]}, true
		case row[0] < code[0] || row[0] == code[0] && row[1] < code[1]:
			low = mid + 1
		default:
			high = mid
		}
	}
	return [3]byte{}, false
}

// CountryCode returns the alpha-3 code of a country that is given by its
// alpha-3 or alpha-2 code in any case.
func CountryCode(text []byte) (code [3]byte, known bool) { return alpha3(text) }

// CountryAlpha2 returns the alpha-2 code of a country that is given by its
// alpha-3 code in upper case.
func CountryAlpha2(code [3]byte) (alpha2 [2]byte, known bool) {
	alpha2, known = alpha2s[code]
	return alpha2, known
}

var alpha2s = func() map[[3]byte][2]byte {
	all := make(map[[3]byte][2]byte, len(countries)/5)
	for i := 0; i < len(countries); i += 5 {
		all[[3]byte([]byte(countries[i+2:i+5]))] = [2]byte([]byte(countries[i : i+2]))
	}
	return all
}()
