package sample

// zipcodeData lists Korea's provinces and municipalities with the first three
// digits of their postal codes. A line starting with # opens a province:
// name|English name|share of the shop's customers per code, relative. Other
// lines are municipalities: name|English name|codes|eup and myeon (optional,
// "=" is the municipality's own name with eup). A code after + already
// belongs to a neighbour: the boundary runs through it.
const zipcodeData = `
#서울특별시|Seoul|8
강북구|Gangbuk-gu|010-012
도봉구|Dobong-gu|013-015
노원구|Nowon-gu|016-019
중랑구|Jungnang-gu|020-023
동대문구|Dongdaemun-gu|024-026
성북구|Seongbuk-gu|027-029
종로구|Jongno-gu|030-032
은평구|Eunpyeong-gu|033-035
서대문구|Seodaemun-gu|036-038,+032
마포구|Mapo-gu|039-042
용산구|Yongsan-gu|043-044
중구|Jung-gu|045-046,+044
성동구|Seongdong-gu|047-048
광진구|Gwangjin-gu|049-051
강동구|Gangdong-gu|052-054
송파구|Songpa-gu|055-059
강남구|Gangnam-gu|060-064
서초구|Seocho-gu|065-068
동작구|Dongjak-gu|069-071
영등포구|Yeongdeungpo-gu|072-074
강서구|Gangseo-gu|075-078
양천구|Yangcheon-gu|079-081
구로구|Guro-gu|082-084
금천구|Geumcheon-gu|085-086,+084
관악구|Gwanak-gu|087-089
#경기도|Gyeonggi-do|4
김포시|Gimpo-si|100-101|통진읍:Tongjin-eup,고촌읍:Gochon-eup
고양시 일산동구|Goyang-si Ilsandong-gu|102-103
고양시 일산서구|Goyang-si Ilsanseo-gu|104,+103
고양시 덕양구|Goyang-si Deogyang-gu|105-106
파주시|Paju-si|108-109|문산읍:Munsan-eup,조리읍:Jori-eup
연천군|Yeoncheon-gun|110|=
포천시|Pocheon-si|111-112|소흘읍:Soheul-eup
동두천시|Dongducheon-si|113
양주시|Yangju-si|114-115|백석읍:Baekseok-eup
의정부시|Uijeongbu-si|116-118
구리시|Guri-si|119
남양주시|Namyangju-si|120-122,+119|화도읍:Hwado-eup,진접읍:Jinjeop-eup,와부읍:Wabu-eup
가평군|Gapyeong-gun|124|=
양평군|Yangpyeong-gun|125|=
여주시|Yeoju-si|126,+125|가남읍:Ganam-eup
광주시|Gwangju-si|127-128|오포읍:Opo-eup,초월읍:Chowol-eup
하남시|Hanam-si|129,+128
성남시 수정구|Seongnam-si Sujeong-gu|131-132
성남시 중원구|Seongnam-si Jungwon-gu|133-134
성남시 분당구|Seongnam-si Bundang-gu|135-136
과천시|Gwacheon-si|138
안양시 만안구|Anyang-si Manan-gu|139-140
안양시 동안구|Anyang-si Dongan-gu|141,+140
광명시|Gwangmyeong-si|142-143
부천시 오정구|Bucheon-si Ojeong-gu|144
부천시 원미구|Bucheon-si Wonmi-gu|145-146
부천시 소사구|Bucheon-si Sosa-gu|147
시흥시|Siheung-si|149-151
안산시 상록구|Ansan-si Sangnok-gu|152-153
안산시 단원구|Ansan-si Danwon-gu|154-155,+153
군포시|Gunpo-si|158
의왕시|Uiwang-si|160,+158
수원시 장안구|Suwon-si Jangan-gu|162
수원시 권선구|Suwon-si Gwonseon-gu|164-165
수원시 팔달구|Suwon-si Paldal-gu|166
수원시 영통구|Suwon-si Yeongtong-gu|167,+166
용인시 수지구|Yongin-si Suji-gu|168
용인시 기흥구|Yongin-si Giheung-gu|169-170
용인시 처인구|Yongin-si Cheoin-gu|171|포곡읍:Pogok-eup,모현면:Mohyeon-myeon
이천시|Icheon-si|173|부발읍:Bubal-eup,장호원읍:Janghowon-eup
안성시|Anseong-si|175|공도읍:Gongdo-eup
평택시|Pyeongtaek-si|177-179|안중읍:Anjung-eup,팽성읍:Paengseong-eup
오산시|Osan-si|181
화성시|Hwaseong-si|182-185,+181|봉담읍:Bongdam-eup,향남읍:Hyangnam-eup,우정읍:Ujeong-eup
#인천광역시|Incheon|5
계양구|Gyeyang-gu|210-211
부평구|Bupyeong-gu|213-214
남동구|Namdong-gu|215-217
연수구|Yeonsu-gu|219-220,+217
남구|Nam-gu|221-222
중구|Jung-gu|223-224
동구|Dong-gu|225
서구|Seo-gu|226-228
강화군|Ganghwa-gun|230|=
옹진군|Ongjin-gun|231|백령면:Baengnyeong-myeon
#강원도|Gangwon-do|2
철원군|Cheorwon-gun|240|=
화천군|Hwacheon-gun|241|=
춘천시|Chuncheon-si|242-244|신북읍:Sinbuk-eup
양구군|Yanggu-gun|245|=
인제군|Inje-gun|246|=
고성군|Goseong-gun|247|간성읍:Ganseong-eup
속초시|Sokcho-si|248
양양군|Yangyang-gun|250|=
홍천군|Hongcheon-gun|251|=
횡성군|Hoengseong-gun|252|=
평창군|Pyeongchang-gun|253|=
강릉시|Gangneung-si|254-256|주문진읍:Jumunjin-eup
동해시|Donghae-si|257
삼척시|Samcheok-si|259,+257|도계읍:Dogye-eup
태백시|Taebaek-si|260
정선군|Jeongseon-gun|261|=
영월군|Yeongwol-gun|262|=
원주시|Wonju-si|263-265|문막읍:Munmak-eup
#충청북도|Chungcheongbuk-do|2
단양군|Danyang-gun|270|=
제천시|Jecheon-si|271-272|봉양읍:Bongyang-eup
충주시|Chungju-si|273-275|주덕읍:Judeok-eup
음성군|Eumseong-gun|276|=,금왕읍:Geumwang-eup
진천군|Jincheon-gun|278|=
증평군|Jeungpyeong-gun|279|=
괴산군|Goesan-gun|280|=
청주시 청원구|Cheongju-si Cheongwon-gu|281-282|오창읍:Ochang-eup
청주시 흥덕구|Cheongju-si Heungdeok-gu|284-285,+281|오송읍:Osong-eup
청주시 상당구|Cheongju-si Sangdang-gu|286
청주시 서원구|Cheongju-si Seowon-gu|288
보은군|Boeun-gun|289|=
옥천군|Okcheon-gun|290|=
영동군|Yeongdong-gun|291|=
#세종특별자치시|Sejong|4
세종시|Sejong-si|300-301|조치원읍:Jochiwon-eup
#충청남도|Chungcheongnam-do|2
천안시 서북구|Cheonan-si Seobuk-gu|310-311|성환읍:Seonghwan-eup
천안시 동남구|Cheonan-si Dongnam-gu|312-313|목천읍:Mokcheon-eup
아산시|Asan-si|314-316|배방읍:Baebang-eup,염치읍:Yeomchi-eup
당진시|Dangjin-si|317-318|송악읍:Songak-eup
서산시|Seosan-si|319-320|대산읍:Daesan-eup
태안군|Taean-gun|321|=
홍성군|Hongseong-gun|322|=,광천읍:Gwangcheon-eup
예산군|Yesan-gun|324|=
공주시|Gongju-si|325|유구읍:Yugu-eup
금산군|Geumsan-gun|327|=
계룡시|Gyeryong-si|328
논산시|Nonsan-si|329-330|강경읍:Ganggyeong-eup
부여군|Buyeo-gun|331|=
청양군|Cheongyang-gun|333|=
보령시|Boryeong-si|334-335|웅천읍:Ungcheon-eup
서천군|Seocheon-gun|336|=
#대전광역시|Daejeon|5
유성구|Yuseong-gu|340-341
대덕구|Daedeok-gu|343-344
동구|Dong-gu|345-347
중구|Jung-gu|348-350
서구|Seo-gu|352-354
#경상북도|Gyeongsangbuk-do|2
영주시|Yeongju-si|360-361|풍기읍:Punggi-eup
봉화군|Bonghwa-gun|362|=
울진군|Uljin-gun|363|=
영덕군|Yeongdeok-gun|364|=
영양군|Yeongyang-gun|365|=
안동시|Andong-si|366-367|풍산읍:Pungsan-eup
예천군|Yecheon-gun|368|=
문경시|Mungyeong-si|369|문경읍:Mungyeong-eup,가은읍:Gaeun-eup
상주시|Sangju-si|371|함창읍:Hamchang-eup
의성군|Uiseong-gun|373|=
청송군|Cheongsong-gun|374|=
포항시 북구|Pohang-si Buk-gu|375-377|흥해읍:Heunghae-eup
포항시 남구|Pohang-si Nam-gu|378-379|오천읍:Ocheon-eup,연일읍:Yeonil-eup
경주시|Gyeongju-si|380-382|안강읍:Angang-eup,외동읍:Oedong-eup
청도군|Cheongdo-gun|383|=
경산시|Gyeongsan-si|384-386|하양읍:Hayang-eup,진량읍:Jillyang-eup
영천시|Yeongcheon-si|388-389|금호읍:Geumho-eup
군위군|Gunwi-gun|390|=
구미시|Gumi-si|391-393|선산읍:Seonsan-eup,고아읍:Goa-eup
김천시|Gimcheon-si|395-396|아포읍:Apo-eup
칠곡군|Chilgok-gun|398|왜관읍:Waegwan-eup,석적읍:Seokjeok-eup
성주군|Seongju-gun|400|=
고령군|Goryeong-gun|401|=
울릉군|Ulleung-gun|402|=
#대구광역시|Daegu|5
동구|Dong-gu|410-412
북구|Buk-gu|414-416
서구|Seo-gu|417-418
중구|Jung-gu|419
수성구|Suseong-gu|420-422
남구|Nam-gu|424
달서구|Dalseo-gu|426-428,+424
달성군|Dalseong-gun|429-430|화원읍:Hwawon-eup,논공읍:Nongong-eup
#울산광역시|Ulsan|5
동구|Dong-gu|440-441
북구|Buk-gu|442-443
중구|Jung-gu|444-445
남구|Nam-gu|446-448
울주군|Ulju-gun|449-450|언양읍:Eonyang-eup,온양읍:Onyang-eup
#부산광역시|Busan|5
기장군|Gijang-gun|460|=,정관읍:Jeonggwan-eup
금정구|Geumjeong-gu|462-464
북구|Buk-gu|465-466
강서구|Gangseo-gu|467-468
사상구|Sasang-gu|469-470
부산진구|Busanjin-gu|471-473
연제구|Yeonje-gu|475-476
동래구|Dongnae-gu|477-479
해운대구|Haeundae-gu|480-481,+479
수영구|Suyeong-gu|482-483
남구|Nam-gu|484-485
동구|Dong-gu|487
중구|Jung-gu|489
영도구|Yeongdo-gu|490-491
서구|Seo-gu|492,+489
사하구|Saha-gu|493-495
#경상남도|Gyeongsangnam-do|3
거창군|Geochang-gun|500|=
함양군|Hamyang-gun|501|=
합천군|Hapcheon-gun|502|=
창녕군|Changnyeong-gun|503|=
밀양시|Miryang-si|504|삼랑진읍:Samnangjin-eup
양산시|Yangsan-si|505-506|물금읍:Mulgeum-eup
김해시|Gimhae-si|508-510|진영읍:Jinyeong-eup
창원시 의창구|Changwon-si Uichang-gu|511-512|동읍:Dong-eup
창원시 성산구|Changwon-si Seongsan-gu|514-515
창원시 진해구|Changwon-si Jinhae-gu|516-517
창원시 마산합포구|Changwon-si Masanhappo-gu|518
창원시 마산회원구|Changwon-si Masanhoewon-gu|519,+518|내서읍:Naeseo-eup
함안군|Haman-gun|520|가야읍:Gaya-eup
의령군|Uiryeong-gun|521|=
산청군|Sancheong-gun|522|=
하동군|Hadong-gun|523|=
남해군|Namhae-gun|524,+523|=
사천시|Sacheon-si|525|사천읍:Sacheon-eup
진주시|Jinju-si|526-528|문산읍:Munsan-eup
고성군|Goseong-gun|529|=
통영시|Tongyeong-si|530-531|산양읍:Sanyang-eup
거제시|Geoje-si|532-533
#전라북도|Jeollabuk-do|2
군산시|Gunsan-si|540-541|옥구읍:Okgu-eup
김제시|Gimje-si|543|만경읍:Mangyeong-eup
익산시|Iksan-si|545-546|함열읍:Hamyeol-eup
전주시 덕진구|Jeonju-si Deokjin-gu|548-549
전주시 완산구|Jeonju-si Wansan-gu|550-552,+549
완주군|Wanju-gun|553|봉동읍:Bongdong-eup
진안군|Jinan-gun|554|=
무주군|Muju-gun|555|=
장수군|Jangsu-gun|556|=
남원시|Namwon-si|557-558|운봉읍:Unbong-eup
임실군|Imsil-gun|559|=
순창군|Sunchang-gun|560|=
정읍시|Jeongeup-si|561-562|신태인읍:Sintaein-eup
부안군|Buan-gun|563|=
고창군|Gochang-gun|564|=
#전라남도|Jeollanam-do|2
영광군|Yeonggwang-gun|570|=
함평군|Hampyeong-gun|571|=
장성군|Jangseong-gun|572|=
담양군|Damyang-gun|573|=
곡성군|Gokseong-gun|575|=
구례군|Gurye-gun|576|=
광양시|Gwangyang-si|577-578|광양읍:Gwangyang-eup
순천시|Suncheon-si|579-580|승주읍:Seungju-eup
화순군|Hwasun-gun|581|=
나주시|Naju-si|582-583|남평읍:Nampyeong-eup
영암군|Yeongam-gun|584|=,삼호읍:Samho-eup
무안군|Muan-gun|585|=
목포시|Mokpo-si|586-587
신안군|Sinan-gun|588|압해읍:Aphae-eup
진도군|Jindo-gun|589|=
해남군|Haenam-gun|590|=
완도군|Wando-gun|591|=
강진군|Gangjin-gun|592|=
장흥군|Jangheung-gun|593|=
보성군|Boseong-gun|594|=
고흥군|Goheung-gun|595|=
여수시|Yeosu-si|596-598|돌산읍:Dolsan-eup
#광주광역시|Gwangju|5
북구|Buk-gu|610-612
동구|Dong-gu|614-615
남구|Nam-gu|616-617
서구|Seo-gu|619-621
광산구|Gwangsan-gu|622-624
#제주특별자치도|Jeju-do|3
제주시|Jeju-si|630-633|애월읍:Aewol-eup,한림읍:Hallim-eup
서귀포시|Seogwipo-si|635-636|대정읍:Daejeong-eup,성산읍:Seongsan-eup
`

// roadNames are street names found in most Korean towns.
const roadNames = `중앙로:Jungang-ro,시장로:Sijang-ro,문화로:Munhwa-ro,번영로:Beonyeong-ro,평화로:Pyeonghwa-ro,향교로:Hyanggyo-ro,대학로:Daehak-ro,충효로:Chunghyo-ro,강변로:Gangbyeon-ro,봉수로:Bongsu-ro,온천로:Oncheon-ro,공원로:Gongwon-ro,산업로:Saneop-ro,동부로:Dongbu-ro,서부로:Seobu-ro,남부로:Nambu-ro,북부로:Bukbu-ro,신흥로:Sinheung-ro,성당로:Seongdang-ro,예술로:Yesul-ro,역전로:Yeokjeon-ro,소방서로:Sobangseo-ro,은행로:Eunhaeng-ro,매화로:Maehwa-ro,솔밭로:Solbat-ro,느티나무로:Neutinamu-ro,무궁화로:Mugunghwa-ro,진달래로:Jindallae-ro,햇살로:Haetsal-ro`
