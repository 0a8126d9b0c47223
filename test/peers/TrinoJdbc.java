import java.math.BigDecimal;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

/** Trino's JDBC driver against a running mulgil: java -cp trino-jdbc.jar TrinoJdbc.java URL TOKEN DATABASE. Prints what does not hold; exit code 1 then. */
public class TrinoJdbc {
    static int failed;
    static void check(String what, Object got, Object want) {
        if (!Objects.equals(String.valueOf(got), String.valueOf(want))) { failed++; System.out.println("FAILED " + what + ": got " + got + ", want " + want); }
    }
    static String one(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(sql)) { r.next(); return r.getString(1); }
    }
    static List<String> column(ResultSet r, int i) throws SQLException {
        List<String> out = new ArrayList<>();
        try (r) { while (r.next()) out.add(r.getString(i)); }
        return out;
    }
    interface Call { void run() throws Exception; }
    static void part(String name, Call c) {
        long start = System.nanoTime();
        try { c.run(); } catch (Throwable e) { failed++; System.out.println("FAILED " + name + ": " + e); e.printStackTrace(System.out); }
        System.out.printf("%s: %.2fs%n", name, (System.nanoTime() - start) / 1e9);
    }
    public static void main(String[] a) throws Exception {
        String db = a[2];
        Properties p = new Properties();
        p.setProperty("user", "kim");
        Connection c = DriverManager.getConnection(a[0] + "/awsdatacatalog/" + db, p);
        p.setProperty("extraCredentials", "token:" + a[1]);
        Connection w = DriverManager.getConnection(a[0] + "/awsdatacatalog/" + db, p);
        part("metadata", () -> metadata(c, db));
        part("types", () -> types(c));
        part("prepared", () -> prepared(c));
        part("errors", () -> errors(c));
        part("session", () -> session(c, db));
        part("writes", () -> writes(c, w));
        part("rows", () -> rows(c));
        part("cancel", () -> cancel(c));
        part("many", () -> many(a[0] + "/awsdatacatalog/" + db));
        System.exit(failed == 0 ? 0 : 1);
    }
    static void metadata(Connection c, String db) throws Exception {
        DatabaseMetaData m = c.getMetaData();
        check("product", m.getDatabaseProductName(), "Trino");
        List<String> catalogs = column(m.getCatalogs(), 1);
        check("catalogs", catalogs.contains("awsdatacatalog") && catalogs.contains("system") && catalogs.contains("shop"), true);
        check("schemas", column(m.getSchemas(), 1).contains(db), true);
        check("schemas of", column(m.getSchemas("awsdatacatalog", "de-%"), 1), List.of(db));
        check("table", column(m.getTables("awsdatacatalog", db, "purchase", null), 3), List.of("purchase"));
        check("tables", column(m.getTables("awsdatacatalog", db, "mart\\_%", new String[] {"TABLE"}), 3).size(), 4);
        check("views", column(m.getTables("awsdatacatalog", db, null, new String[] {"VIEW"}), 3), List.of());
        check("table types", column(m.getTableTypes(), 1), List.of("TABLE", "VIEW"));
        try (ResultSet r = m.getColumns("awsdatacatalog", db, "purchase", null)) {
            int n = 0;
            while (r.next()) { n++; check("ordinal", r.getInt("ORDINAL_POSITION"), n); check("type", r.getInt("DATA_TYPE") != 0, true); }
            check("columns", n > 5, true);
        }
        check("types", column(m.getTypeInfo(), 1).contains("bigint"), true);
        check("keys", column(m.getPrimaryKeys("awsdatacatalog", db, "purchase"), 1), List.of());
        check("procedures", column(m.getProcedures(null, null, null), 1), List.of());
        check("udts", column(m.getUDTs(null, null, null, null), 1), List.of());
        check("supers", column(m.getSuperTables(null, null, null), 1), List.of());
        check("attributes", column(m.getAttributes(null, null, null, null), 1), List.of());
        check("source columns", column(m.getColumns("shop", null, null, null), 4).size() > 5, true);
    }
    static void types(Connection c) throws Exception {
        String[][] all = {
            {"cast('ab' as char(5))", "ab   "}, {"time '01:02:03.4567'", null}, {"cast('한글' as varchar(10))", "한글"}, {"decimal '123.4500'", "123.4500"},
            {"true", "true"}, {"tinyint '1'", "1"}, {"smallint '2'", "2"}, {"3", "3"}, {"bigint '9223372036854775807'", "9223372036854775807"}, {"real '1.5'", "1.5"}, {"double '2.5'", "2.5"},
            {"date '2024-02-29'", "2024-02-29"}, {"timestamp '2020-01-01 00:00:00.123456'", "2020-01-01 00:00:00.123456"},
            {"timestamp '2020-01-01 00:00:00 Asia/Seoul'", "2020-01-01 00:00:00 Asia/Seoul"},
            {"json '{\"a\": [1, 2]}'", "{\"a\":[1,2]}"}, {"uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "12151fd2-7586-11e9-8f9e-2a86e4085a59"},
            {"interval '2' day", "2 00:00:00.000"}, {"interval '14' month", "1-2"}, {"array[1, null, 3]", null}, {"map(array['가'], array[1])", "{가=1}"},
            {"cast(row(1, 'x') as row(n integer, t varchar))", "{n=1, t=x}"}, {"null", "null"}, {"nan()", "NaN"},
        };
        for (String[] t : all) {
            try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select " + t[0] + " v")) {
                r.next();
                Object o = r.getObject(1);
                if (t[1] != null) check(t[0], r.getString(1), t[1]);
                r.getMetaData().getColumnClassName(1);
            } catch (SQLException e) { failed++; System.out.println("FAILED " + t[0] + ": " + e.getMessage()); }
        }
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select x'00ff', array[1,2], array[array['a']], timestamp '2020-01-01 09:00:00 Asia/Seoul', time '01:02:03'")) {
            r.next();
            check("varbinary", Arrays.toString(r.getBytes(1)), "[0, -1]");
            check("array", Arrays.toString((Object[]) r.getArray(2).getArray()), "[1, 2]");
            check("instant", r.getTimestamp(4).toInstant(), "2020-01-01T00:00:00Z");
            check("time", r.getTime(5), "01:02:03");
        }
    }
    static void prepared(Connection c) throws Exception {
        try (PreparedStatement s = c.prepareStatement("select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")) {
            s.setInt(1, 7); s.setLong(2, 1L << 40); s.setString(3, "it's 한글"); s.setDouble(4, 1.5); s.setFloat(5, 2.5f); s.setBigDecimal(6, new BigDecimal("12.340"));
            s.setDate(7, java.sql.Date.valueOf("2024-02-29")); s.setTimestamp(8, Timestamp.valueOf("2020-01-02 03:04:05.678")); s.setBoolean(9, true); s.setNull(10, Types.VARCHAR);
            s.setBytes(11, new byte[] {1, -1}); s.setShort(12, (short) 3); s.setTime(13, Time.valueOf("10:11:12"));
            try (ResultSet r = s.executeQuery()) {
                r.next();
                check("int", r.getInt(1), 7); check("long", r.getLong(2), 1L << 40); check("text", r.getString(3), "it's 한글"); check("double", r.getDouble(4), 1.5);
                check("float", r.getFloat(5), 2.5f); check("decimal", r.getBigDecimal(6), "12.340"); check("date", r.getDate(7), "2024-02-29");
                check("timestamp", r.getTimestamp(8), "2020-01-02 03:04:05.678"); check("boolean", r.getBoolean(9), true); check("null", r.getString(10), null);
                check("bytes", Arrays.toString(r.getBytes(11)), "[1, -1]"); check("short", r.getShort(12), 3); check("time", r.getTime(13), "10:11:12");
            }
            check("parameters", s.getParameterMetaData().getParameterCount(), 13);
            check("result columns", s.getMetaData().getColumnCount(), 13);
        }
        try (PreparedStatement s = c.prepareStatement("select count(*) from unnest(sequence(1, 10)) t(x) where x > ?")) {
            for (int i = 0; i < 3; i++) { s.setInt(1, i); try (ResultSet r = s.executeQuery()) { r.next(); check("rerun", r.getInt(1), 10 - i); } }
        }
    }
    static void errors(Connection c) {
        String[][] all = {{"select nope from purchase", "47", "line 1:8"}, {"select\n  1 +", "1", "line 2"}, {"select 1/0", "8", "zero"}, {"select * from nowhere", "46", "nowhere"}, {"start transaction", null, null}};
        for (String[] e : all) {
            try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(e[0])) {
                while (r.next()) {}
                failed++; System.out.println("FAILED " + e[0] + ": no error");
            } catch (SQLException x) {
                if (e[1] != null) check(e[0], x.getErrorCode(), e[1]);
                if (e[2] != null) check(e[0] + " says " + x.getMessage(), x.getMessage().contains(e[2]), true);
            }
        }
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select 1 / (100000 - x) from unnest(sequence(1, 10000)) a(y), unnest(sequence(1, 11)) b(z), lateral (select y * 10 + z - 10 x)")) {
            int n = 0;
            while (r.next()) n++;
            failed++; System.out.println("FAILED error within the result: " + n + " rows and no error");
        } catch (SQLException x) { check("error within the result", x.getErrorCode(), 8); }
    }
    static void session(Connection c, String db) throws Exception {
        try (Statement s = c.createStatement()) {
            s.execute("use system.runtime");
            check("catalog", c.getCatalog() + "." + c.getSchema(), "system.runtime");
            check("node", one(c, "select state from nodes"), "active");
            s.execute("use awsdatacatalog.\"" + db + "\"");
            s.execute("set session max_recursion_depth = 3");
            check("property", column(s.executeQuery("show session like 'max_recursion_depth'"), 2), List.of("3"));
            s.execute("reset session max_recursion_depth");
            check("reset", column(s.executeQuery("show session like 'max_recursion_depth'"), 2), List.of("10"));
        }
        check("zone", one(c, "select current_timezone()"), "UTC");
        check("user", one(c, "select current_user"), "kim");
    }
    static void writes(Connection c, Connection w) throws Exception {
        try (Statement s = c.createStatement()) {
            s.execute("create database jdbc_made");
            failed++; System.out.println("FAILED a change without the token");
        } catch (SQLException e) { check("refused", e.getErrorCode(), 4); }
        try (Statement s = w.createStatement()) {
            s.execute("create database jdbc_made");
            check("made", column(w.getMetaData().getSchemas("awsdatacatalog", "jdbc_made"), 1), List.of("jdbc_made"));
            check("no rows", s.getResultSet(), null);
            s.execute("drop database jdbc_made");
        }
    }
    static void rows(Connection c) throws Exception {
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select x * 20 + y, cast(x as double), 'customer ' || cast(y as varchar), date '2024-01-01', y % 2 = 0 from unnest(sequence(0, 9999)) a(x), unnest(sequence(0, 19)) b(y)")) {
            long n = 0, sum = 0;
            while (r.next()) { n++; sum += r.getLong(1); r.getString(3); }
            check("rows", n, 200000); check("sum", sum, 199999L * 100000);
        }
        try (Statement s = c.createStatement()) {
            s.setMaxRows(10);
            check("max rows", column(s.executeQuery("select x from unnest(sequence(0, 9999)) a(x)"), 1).size(), 10);
        }
    }
    static void cancel(Connection c) throws Exception {
        Statement s = c.createStatement();
        ScheduledExecutorService x = Executors.newSingleThreadScheduledExecutor();
        x.schedule(() -> { s.cancel(); return null; }, 1500, TimeUnit.MILLISECONDS);
        long start = System.nanoTime();
        try (ResultSet r = s.executeQuery("select count(*) from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 10000)) b(y), unnest(sequence(1, 10000)) d(z) where x * y * z % 7 = 3")) {
            r.next();
            failed++; System.out.println("FAILED cancel: it went on");
        } catch (SQLException e) { }
        check("cancelled soon", (System.nanoTime() - start) / 1e9 < 3, true);
        x.shutdownNow();
        try (Statement t = c.createStatement()) {
            t.setQueryTimeout(1);
            t.executeQuery("select count(*) from unnest(sequence(1, 10000)) a(x), unnest(sequence(1, 10000)) b(y), unnest(sequence(1, 10000)) d(z) where x * y * z % 7 = 3").next();
            failed++; System.out.println("FAILED timeout: it went on");
        } catch (SQLException e) { }
    }
    static void many(String url) throws Exception {
        ExecutorService x = Executors.newFixedThreadPool(64);
        List<Future<String>> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            int k = i;
            all.add(x.submit(() -> {
                Properties p = new Properties();
                p.setProperty("user", "client" + k);
                try (Connection c = DriverManager.getConnection(url, p)) { return one(c, "select sum(x) + " + k + " from unnest(sequence(1, 1000)) t(x)"); }
            }));
        }
        for (int i = 0; i < 64; i++) check("client " + i, all.get(i).get(2, TimeUnit.MINUTES), 500500 + i);
        x.shutdown();
    }
}
