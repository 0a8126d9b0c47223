package sample

import "github.com/mulgil/mulgil/internal/port"

// StoreTables is the schema of the store sample, in the order of loading:
// products, transaction_order, balju_refund. "RETAIL" is in upper case: in
// PostgreSQL it must be quoted.
func StoreTables() []port.TableDef {
	return []port.TableDef{goodsTable(), receiptTable(), baljuTable()}
}

func storeName(table string) port.TableName { return port.TableName{Schema: "RETAIL", Name: table} }

func goodsTable() port.TableDef {
	return port.TableDef{Name: storeName("products"), Comment: "상품 마스터", PrimaryKey: []string{"product_cd"}, Columns: []port.ColumnDef{
		{Name: "product_cd", SQLType: "varchar(20)", NotNull: true, Comment: "상품코드"},
		{Name: "product_name", SQLType: "varchar(50)", NotNull: true, Comment: "상품명"},
		{Name: "division_cd", SQLType: "varchar(10)", NotNull: true, Comment: "대분류코드"},
		{Name: "division_name", SQLType: "varchar(50)", NotNull: true, Comment: "대분류명"},
		{Name: "maincategory_cd", SQLType: "varchar(10)", NotNull: true, Comment: "중분류코드"},
		{Name: "maincategory_name", SQLType: "varchar(50)", NotNull: true, Comment: "중분류명"},
		{Name: "subcategory_cd", SQLType: "varchar(10)", NotNull: true, Comment: "소분류코드"},
		{Name: "subcategory_name", SQLType: "varchar(50)", NotNull: true, Comment: "소분류명"},
		{Name: "is_pb", SQLType: "varchar(10)", NotNull: true, Comment: "PB 상품 여부(Y/N)"},
	}}
}

func receiptTable() port.TableDef {
	name := storeName("transaction_order")
	return port.TableDef{
		Name: name, Comment: "매출 데이터",
		PrimaryKey:  []string{"tr_date", "tr_time", "pos_num", "receipt_num", "product_cd"},
		ForeignKeys: []port.ForeignKey{ofGood("fk_transaction_order_product")},
		Columns: []port.ColumnDef{
			{Name: "tr_date", SQLType: "date", NotNull: true, Comment: "거래일자"},
			{Name: "tr_time", SQLType: "varchar(10)", NotNull: true, Comment: "거래시간(HH)"},
			{Name: "store_cd", SQLType: "varchar(10)", NotNull: true, Comment: "점포코드"},
			{Name: "store_name", SQLType: "varchar(20)", Comment: "점포명"},
			{Name: "pos_num", SQLType: "varchar(10)", NotNull: true, Comment: "POS 번호"},
			{Name: "receipt_num", SQLType: "varchar(20)", NotNull: true, Comment: "영수증번호"},
			{Name: "product_cd", SQLType: "varchar(20)", NotNull: true, Comment: "상품코드"},
			{Name: "qty", SQLType: "integer", Comment: "수량"},
			{Name: "mount", SQLType: "double precision", Comment: "매출금액"},
			{Name: "sex", SQLType: "varchar(5)", Comment: "멤버십 성별(M/F), 비회원은 NULL"},
			{Name: "age_group", SQLType: "varchar(15)", Comment: "멤버십 연령대, 비회원은 NULL"},
		},
	}
}

func baljuTable() port.TableDef {
	return port.TableDef{
		Name: storeName("balju_refund"), Comment: "발주, 반품, 폐기 데이터",
		PrimaryKey:  []string{"balju_date", "product_cd"},
		ForeignKeys: []port.ForeignKey{ofGood("fk_balju_refund_product")},
		Columns: []port.ColumnDef{
			{Name: "balju_date", SQLType: "date", NotNull: true, Comment: "발주일자"},
			{Name: "product_cd", SQLType: "varchar(20)", NotNull: true, Comment: "상품코드"},
			{Name: "balju_qty", SQLType: "integer", Comment: "발주수량"},
			{Name: "refund_qty", SQLType: "integer", Comment: "반품수량"},
			{Name: "disposal_qty", SQLType: "integer", Comment: "폐기수량"},
		},
	}
}

func ofGood(name string) port.ForeignKey {
	return port.ForeignKey{Name: name, Columns: []string{"product_cd"}, Ref: storeName("products"), RefColumns: []string{"product_cd"}}
}
