package sample

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mulgil/mulgil/internal/base"
	"github.com/mulgil/mulgil/internal/port"
)

// RetailTables is the schema of the retail sample, in the order of loading:
// customer, products_info, zipcode, purchase.
func RetailTables() []port.TableDef {
	return []port.TableDef{customerTable(), productsTable(), zipcodeTable(), purchaseTable()}
}

func retailName(table string) port.TableName { return port.TableName{Schema: "retail", Name: table} }

func customerTable() port.TableDef {
	return port.TableDef{Name: retailName("customer"), Comment: "고객 정보 데이터", PrimaryKey: []string{"customer_id"}, Columns: []port.ColumnDef{
		{Name: "customer_id", SQLType: "varchar(10)", NotNull: true, Comment: "고객 ID"},
		{Name: "sex", SQLType: "varchar(5)", NotNull: true, Comment: "성별(M/F)"},
		{Name: "age_group", SQLType: "varchar(15)", NotNull: true, Comment: "연령대"},
		{Name: "residence", SQLType: "varchar(10)", Comment: "거주지역, 신우편번호 앞자리 3개(서울 - 구단위, 서울 외 지역 - 시/도 단위 변환"},
	}}
}

// productKey are the columns that name a product.
var productKey = [...]string{"affiliate", "division_cd", "main_category_cd", "sub_category_cd"}

func productsTable() port.TableDef {
	return port.TableDef{Name: retailName("products_info"), Comment: "구매 데이터", PrimaryKey: productKey[:], Columns: []port.ColumnDef{
		{Name: "affiliate", SQLType: "varchar(5)", NotNull: true, Comment: "제휴사(계열사)"},
		{Name: "division_cd", SQLType: "varchar(10)", NotNull: true, Comment: "대분류코드"},
		{Name: "main_category_cd", SQLType: "varchar(10)", NotNull: true, Comment: "중분류코드"},
		{Name: "sub_category_cd", SQLType: "varchar(30)", NotNull: true, Comment: "소분류코드"},
		{Name: "main_category_desc", SQLType: "varchar(20)", NotNull: true, Comment: "중분류명"},
		{Name: "sub_category_desc", SQLType: "varchar(20)", NotNull: true, Comment: "소분류명"},
	}}
}

func purchaseTable() port.TableDef {
	return port.TableDef{
		Name: retailName("purchase"), Comment: "구매 데이터",
		PrimaryKey: []string{"affiliate", "receipt_no", "division_cd", "main_category_cd", "sub_category_cd"},
		ForeignKeys: []port.ForeignKey{{
			Name: "fk_customer_id", Columns: []string{"customer_id"}, Ref: retailName("customer"), RefColumns: []string{"customer_id"},
		}},
		Columns: []port.ColumnDef{
			{Name: "affiliate", SQLType: "varchar(5)", NotNull: true, Comment: "제휴사(계열사)"},
			{Name: "receipt_no", SQLType: "varchar(20)", NotNull: true, Comment: "영수증번호"},
			{Name: "division_cd", SQLType: "varchar(10)", NotNull: true, Comment: "대분류코드"},
			{Name: "main_category_cd", SQLType: "varchar(10)", NotNull: true, Comment: "중분류코드"},
			{Name: "sub_category_cd", SQLType: "varchar(30)", NotNull: true, Comment: "소분류코드"},
			{Name: "customer_id", SQLType: "varchar(10)", Comment: "고객 ID"},
			{Name: "store_cd", SQLType: "varchar(10)", Comment: "점포코드"},
			{Name: "purchase_date", SQLType: "varchar(10)", Comment: "구매일자"},
			{Name: "purchase_time", SQLType: "varchar(5)", Comment: "구매시간"},
			{Name: "amount", SQLType: "double precision", Comment: "구매금액"},
		},
	}
}

func zipcodeTable() port.TableDef {
	return port.TableDef{Name: retailName("zipcode"), Comment: "우편번호(신)", Columns: []port.ColumnDef{
		{Name: "zipcode", SQLType: "varchar(5)", NotNull: true, Comment: "우편번호(5자리)"},
		{Name: "province_city", SQLType: "varchar(20)", NotNull: true, Comment: "시도"},
		{Name: "province_city_eng", SQLType: "varchar(30)", NotNull: true, Comment: "시도(영문)"},
		{Name: "city_county", SQLType: "varchar(30)", Comment: "시군구"},
		{Name: "city_county_eng", SQLType: "varchar(30)", Comment: "시군구(영문)"},
		{Name: "eup_myeon", SQLType: "varchar(30)", Comment: "읍면"},
		{Name: "eup_myeon_eng", SQLType: "varchar(30)", Comment: "읍면(영문)"},
		{Name: "road_nm", SQLType: "varchar(30)", Comment: "도로명"},
		{Name: "road_nm_eng", SQLType: "varchar(30)", Comment: "도로명(영문)"},
		{Name: "short_zipcode", SQLType: "varchar(3)", NotNull: true, Comment: "우편번호(앞자리 3자리)"},
	}}
}

// schemaOf is a table as Arrow sees it.
func schemaOf(t port.TableDef) *arrow.Schema {
	fields := make([]arrow.Field, len(t.Columns))
	for i, c := range t.Columns {
		var typ arrow.DataType = arrow.BinaryTypes.String
		switch c.SQLType {
		case "double precision":
			typ = arrow.PrimitiveTypes.Float64
		case "integer":
			typ = arrow.PrimitiveTypes.Int32
		case "date":
			typ = arrow.FixedWidthTypes.Date32
		}
		fields[i] = arrow.Field{Name: c.Name, Type: typ, Nullable: !c.NotNull}
	}
	return arrow.NewSchema(fields, nil)
}

// tableNamed finds a table of a sample by its bare or full name.
func tableNamed(sample string, all []port.TableDef, name string) (port.TableDef, error) {
	i := slices.IndexFunc(all, func(t port.TableDef) bool { return t.Name.Name == name || t.Name.String() == name })
	if i >= 0 {
		return all[i], nil
	}
	var names []string
	for _, t := range all {
		names = append(names, t.Name.String())
	}
	return port.TableDef{}, base.Errorf(base.NotFound, "the %s sample has no table %q", sample, name).WithHint("it has %s", strings.Join(names, ", "))
}
