package trino

import "strings"

// kind says what a token is: a literal, a sign, or one of the words below.
type kind uint16

const (
	tEOF kind = iota
	tIdent
	tQuoted
	tBackQuoted
	tDigitIdent
	tString
	tUnicode // U&'...'
	tBinary  // X'...'
	tInt
	tDecimal
	tDouble
	tParam
	tUnknown
	tOpenString
	tOpenName
	tOpenComment
	tComment // only for Tokens
	tSemicolon
	tComma
	tDot
	tOpen
	tClose
	tOpenSquare
	tCloseSquare
	tEq
	tNeq
	tLt
	tLte
	tGt
	tGte
	tPlus
	tMinus
	tStar
	tSlash
	tPercent
	tConcat
	tArrow    // ->
	tFatArrow // =>
	tColon
	firstWord // words from here on, in the order of reservedWords and softWords
)

// signs spells the signs for messages.
var signs = [...]string{
	tSemicolon: ";", tComma: ",", tDot: ".", tOpen: "(", tClose: ")", tOpenSquare: "[", tCloseSquare: "]",
	tEq: "=", tNeq: "<>", tLt: "<", tLte: "<=", tGt: ">", tGte: ">=", tPlus: "+", tMinus: "-", tStar: "*",
	tSlash: "/", tPercent: "%", tConcat: "||", tArrow: "->", tFatArrow: "=>", tColon: ":",
}

// reservedWords cannot be names unless quoted. The order is that of the constants.
const reservedWords = `ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE
CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE
DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER
INSERT INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG
LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP
TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`

// softWords are names too, wherever the grammar leaves room for one. Only
// those that queries and expressions look at have a kind of their own; the
// words of other statements are compared as text.
const softWords = `ALL ANY ARRAY ASC AT CURRENT DESC DOUBLE FETCH FILTER FIRST FOLLOWING GROUPS IGNORE INTERVAL LAST
LATERAL LIMIT MAP MATCH_RECOGNIZE NEXT NULLS OFFSET ONLY ORDINALITY OVER PARTITION POSITION PRECEDING PRECISION RANGE
RESPECT ROW ROWS SET SETS SOME SUBSTRING TABLESAMPLE TIES TIME TIMESTAMP TRY_CAST UNBOUNDED WINDOW WITHIN WITHOUT ZONE`

const (
	kAlter kind = firstWord + iota
	kAnd
	kAs
	kBetween
	kBy
	kCase
	kCast
	kConstraint
	kCreate
	kCross
	kCube
	kCurrentCatalog
	kCurrentDate
	kCurrentPath
	kCurrentRole
	kCurrentSchema
	kCurrentTime
	kCurrentTimestamp
	kCurrentUser
	kDeallocate
	kDelete
	kDescribe
	kDistinct
	kDrop
	kElse
	kEnd
	kEscape
	kExcept
	kExecute
	kExists
	kExtract
	kFalse
	kFor
	kFrom
	kFull
	kGroup
	kGrouping
	kHaving
	kIn
	kInner
	kInsert
	kIntersect
	kInto
	kIs
	kJoin
	kJSONArray
	kJSONExists
	kJSONObject
	kJSONQuery
	kJSONTable
	kJSONValue
	kLeft
	kLike
	kListagg
	kLocaltime
	kLocaltimestamp
	kNatural
	kNormalize
	kNot
	kNull
	kOn
	kOr
	kOrder
	kOuter
	kPrepare
	kRecursive
	kRight
	kRollup
	kSelect
	kSkip
	kTable
	kThen
	kTrim
	kTrue
	kUescape
	kUnion
	kUnnest
	kUsing
	kValues
	kWhen
	kWhere
	kWith
	// Soft words.
	kAll
	kAny
	kArray
	kAsc
	kAt
	kCurrent
	kDesc
	kDouble
	kFetch
	kFilter
	kFirst
	kFollowing
	kGroups
	kIgnore
	kInterval
	kLast
	kLateral
	kLimit
	kMap
	kMatchRecognize
	kNext
	kNulls
	kOffset
	kOnly
	kOrdinality
	kOver
	kPartition
	kPosition
	kPreceding
	kPrecision
	kRange
	kRespect
	kRow
	kRows
	kSet
	kSets
	kSome
	kSubstring
	kTablesample
	kTies
	kTime
	kTimestamp
	kTryCast
	kUnbounded
	kWindow
	kWithin
	kWithout
	kZone
)

var (
	words    = strings.Fields(reservedWords + " " + softWords)
	wordKind = indexWords(words)

	otherKind = wordSet(strings.Fields(otherWords))
)

// otherWords are Trino's remaining keywords and the words that start Athena's
// own statements: names everywhere, listed for coloring and completion only.
const otherWords = `ABSENT ADD ADMIN AFTER ANALYZE AUTHORIZATION BEGIN BERNOULLI BIN_PACK BOTH CALL CALLED CASCADE
CATALOG CATALOGS COLUMN COLUMNS COMMENT COMMIT COMMITTED CONDITIONAL COPARTITION COUNT DATA DATE DAY DECLARE DEFAULT
DEFINE DEFINER DENY DESCRIPTOR DETERMINISTIC DISTRIBUTED DO ELSEIF EMPTY ENCODING ERROR EXCLUDING EXPLAIN FINAL FORMAT
FUNCTION FUNCTIONS GRACE GRANT GRANTED GRANTS GRAPHVIZ HOUR IF IMMEDIATE INCLUDING INITIAL INPUT INVOKER IO ISOLATION
ITERATE JSON KEEP KEY KEYS LANGUAGE LEADING LEAVE LEVEL LOCAL LOGICAL LOOP MATCH MATCHED MATCHES MATERIALIZED MEASURES
MERGE MINUTE MONTH NESTED NFC NFD NFKC NFKD NO NONE NULLIF OBJECT OF OMIT ONE OPTIMIZE OPTION OUTPUT OVERFLOW
PARTITIONS PASSING PAST PATH PATTERN PER PERIOD PERMUTE PLAN PRIVILEGES PROPERTIES PRUNE QUOTES READ REFRESH RENAME
REPEAT REPEATABLE REPLACE RESET RESTRICT RETURN RETURNING RETURNS REVOKE REWRITE ROLE ROLES ROLLBACK RUNNING SCALAR
SCHEMA SCHEMAS SECOND SECURITY SEEK SERIALIZABLE SESSION SHOW START STATS STRING SUBSET SYSTEM TABLES TEXT TO TRAILING
TRANSACTION TRUNCATE TYPE UNCOMMITTED UNCONDITIONAL UNIQUE UNKNOWN UNLOAD UNMATCHED UNTIL UPDATE USE USER UTF16 UTF32
UTF8 VACUUM VALIDATE VALUE VERBOSE VERSION VIEW WHILE WORK WRAPPER WRITE YEAR`

// Keywords lists the words of the language in upper case, reserved ones first.
func Keywords() []string {
	return append(strings.Fields(reservedWords+" "+softWords), strings.Fields(otherWords)...)
}

// Keyword says whether a bare word, in any letter case, is one of Keywords.
func Keyword(word string) bool {
	return lookup(word) != tIdent || otherKind[strings.ToUpper(word)]
}

// longestWord bounds the words worth looking up.
const longestWord = len("CURRENT_TIMESTAMP")

func wordSet(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// wordSlots is a hash table of the words: a slot holds a kind, 0 if it is free.
// Words that meet in a slot take the next free one.
type wordSlots [1024]kind

// slot mixes the length and three letters of an upper case word, which keeps nearly all words apart.
func slot(w []byte) int {
	n := len(w)
	return (int(w[0])*7 + int(w[n-1])*41 + int(w[n/2])*113 + n*257) % len(wordSlots{})
}

func indexWords(words []string) *wordSlots {
	var slots wordSlots
	for i, w := range words {
		at := slot([]byte(w))
		for slots[at] != 0 {
			at = (at + 1) % len(slots)
		}
		slots[at] = firstWord + kind(i)
	}
	return &slots
}

// lookup is the kind of a bare word, tIdent if it is none of ours.
func lookup(word string) kind {
	if len(word) < 2 || len(word) > longestWord {
		return tIdent
	}
	var upper [longestWord]byte
	for i := range len(word) {
		c := word[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	w := upper[:len(word)]
	for at := slot(w); wordKind[at] != 0; at = (at + 1) % len(wordKind) {
		if words[wordKind[at]-firstWord] == string(w) {
			return wordKind[at]
		}
	}
	return tIdent
}

// String is the kind as messages spell it.
func (k kind) String() string {
	switch {
	case k >= firstWord:
		return "'" + words[k-firstWord] + "'"
	case k == tEOF:
		return "<EOF>"
	case int(k) < len(signs) && signs[k] != "":
		return "'" + signs[k] + "'"
	case k == tInt:
		return "<integer>"
	case k == tString:
		return "<string>"
	}
	return "<identifier>"
}

// named says whether a token of this kind may be a name.
func (k kind) named() bool {
	return k >= tIdent && k <= tDigitIdent || k >= kAll
}

// Reserved says whether a bare word cannot be a name: it then needs double
// quotes, in any letter case.
func Reserved(word string) bool {
	k := lookup(word)
	return k >= firstWord && k < kAll
}
