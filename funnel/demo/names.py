"""Pure. Names of companies and people nobody bears together, and what the staff writes down."""

from collections.abc import Iterator
from typing import NamedTuple

from funnel.demo.dice import Dice

_PLACES = """
青凪 aonagi|朝霧野 asagirino|碧波 aonami|暁風 akekaze|雨音 amane|彩雲 saiun|霞原 kasumihara
風見原 kazamihara|北灯 hokuto|銀河丘 gingaoka|雲居 kumoi|虹ノ浦 nijinoura|星待 hoshimachi|月見坂 tsukimizaka
夕凪 yunagi|白樺台 shirakabadai|水鏡 mikagami|花明 hanaakari|春日野森 kasuganomori|緑ヶ淵 midorigafuchi
若葉原 wakababara|千歳川 chitosegawa|遠見 tomi|灯台前 todaimae|汐見台 shiomidai|波待 namimachi
南風 minamikaze|木漏日 komorebi|翠嶺 suirei|紅葉谷 momijidani|雪明 yukiakari|光ヶ野 hikarigano|清流 seiryu
奏楽 sogaku|結ノ森 yuinomori|鈴音 suzune|双葉原 futababara|三日月 mikazuki|七色 nanairo|八重垣 yaegaki
凪沢 nagisawa|蛍ヶ丘 hotarugaoka|梓野 azusano|栞 shiori|楓原 kaedehara|天河 amakawa|陽向野 hinatano
東雲原 shinonomebara|帆風 hokaze|松籟 shorai|明星野 myojono|里山 satoyama|渚 nagisa|澪標 miotsukushi
竹灯 chikuto|桜霞 ouka|椿坂 tsubakizaka|藍染 aizome|琥珀 kohaku|瑠璃野 rurino|真珠湾台 shinjudai|翡翠 hisui
水晶原 suishohara|杜若 kakitsubata|山吹野 yamabukino|空木 utsugi|常盤野 tokiwano|望月丘 mochizukioka
穂波 honami|麦秋 bakushu|霜月 shimotsuki|風花 kazahana|初音 hatsune|早瀬 hayase
"""
_TRADES = """
精機 seiki 製造 中堅|物流 logistics 運輸 中堅|フーズ foods 食品 中堅|建設 kensetsu 建設 大手
商事 shoji 卸売 中堅|電子 denshi 製造 大手|不動産 estate 不動産 中堅|ヘルスケア healthcare 医療 中堅
印刷 insatsu 印刷 中小|製作所 works 製造 中堅|トラベル travel 観光 中小|ソリューションズ solutions IT 中堅
運輸 unyu 運輸 大手|薬品 yakuhin 医薬 大手|人材サービス staffing 人材 中堅|設計事務所 design 建設 中小
エナジー energy エネルギー 大手|化学 chemical 製造 大手|システムズ systems IT 中小|学習社 learning 教育 中小
紡績 textile 繊維 中堅|警備保障 security 警備 中堅|会計事務所 accounting 士業 中小
テクノロジー technology IT 中小|金属 metal 製造 中堅|農産 farm 農業 中小|ロジテム logitem 運輸 中堅
メディカル medical 医療 大手|リース lease 金融 大手|生活社 living 小売 中小|工務店 build 建設 中小
ベーカリー bakery 食品 中小|通商 trade 卸売 中堅|包装 packaging 製造 中小|ホテルズ hotels 観光 中堅
デザイン graphics IT 中小|家具 furniture 小売 中小|計測器 instruments 製造 中堅|ケアサービス care 介護 中小
出版 publishing 出版 中小|樹脂 plastics 製造 中堅|水産 marine 食品 中小|自動車販売 motors 小売 中堅
倉庫 warehouse 運輸 中堅|塾 juku 教育 中小|住宅 housing 不動産 大手
"""
_SURNAMES = """
佐藤 サトウ sato|鈴木 スズキ suzuki|高橋 タカハシ takahashi|田中 タナカ tanaka|伊藤 イトウ ito
渡辺 ワタナベ watanabe|山本 ヤマモト yamamoto|中村 ナカムラ nakamura|小林 コバヤシ kobayashi
加藤 カトウ kato|吉田 ヨシダ yoshida|山田 ヤマダ yamada|佐々木 ササキ sasaki|山口 ヤマグチ yamaguchi
松本 マツモト matsumoto|井上 イノウエ inoue|木村 キムラ kimura|林 ハヤシ hayashi|斎藤 サイトウ saito
清水 シミズ shimizu|山崎 ヤマザキ yamazaki|森 モリ mori|池田 イケダ ikeda|橋本 ハシモト hashimoto
阿部 アベ abe|石川 イシカワ ishikawa|山下 ヤマシタ yamashita|中島 ナカジマ nakajima|石井 イシイ ishii
小川 オガワ ogawa|前田 マエダ maeda|岡田 オカダ okada|長谷川 ハセガワ hasegawa|藤田 フジタ fujita
後藤 ゴトウ goto|近藤 コンドウ kondo|村上 ムラカミ murakami|遠藤 エンドウ endo|青木 アオキ aoki
坂本 サカモト sakamoto|福田 フクダ fukuda|太田 オオタ ota|西村 ニシムラ nishimura|藤井 フジイ fujii
金子 カネコ kaneko|岡本 オカモト okamoto|藤原 フジワラ fujiwara|三浦 ミウラ miura|中野 ナカノ nakano
原田 ハラダ harada|松田 マツダ matsuda|竹内 タケウチ takeuchi|小野 オノ ono|中山 ナカヤマ nakayama
"""
_GIVEN = """
翔太 ショウタ shota|大輔 ダイスケ daisuke|健太 ケンタ kenta|直樹 ナオキ naoki|拓也 タクヤ takuya
亮 リョウ ryo|誠 マコト makoto|浩 ヒロシ hiroshi|隆 タカシ takashi|修 オサム osamu|陽介 ヨウスケ yosuke
和也 カズヤ kazuya|雄一 ユウイチ yuichi|剛 ツヨシ tsuyoshi|美咲 ミサキ misaki|さくら サクラ sakura
結衣 ユイ yui|葵 アオイ aoi|陽子 ヨウコ yoko|真由美 マユミ mayumi|恵 メグミ megumi|由紀 ユキ yuki
智子 トモコ tomoko|麻衣 マイ mai|彩 アヤ aya|千尋 チヒロ chihiro|奈々 ナナ nana|久美子 クミコ kumiko
優 ユウ yu|裕子 ユウコ yuko|正人 マサト masato|聡 サトシ satoshi|哲也 テツヤ tetsuya|純 ジュン jun
俊介 シュンスケ shunsuke|香織 カオリ kaori
"""
TITLES = (
    "代表取締役", "取締役", "情報システム部長", "総務部長", "営業部長", "経営企画室長", "情報システム課長",
    "業務改革推進室 課長", "営業企画課長", "総務課 主任", "営業部 主任", "人事部 マネージャー", "経理部 担当",
    "情報システム部 担当", "店舗統括",
)  # fmt: skip
CALL_NOTES = (
    "資料の確認状況を伺いました。社内で検討を始めているとのことです。",
    "現在は表計算で管理しており、集計に毎月2日かかっているそうです。",
    "ご担当者は会議中。夕方に折り返しの約束をいただきました。",
    "来期の予算申請が来月末締めとのこと。それまでに概算見積が必要です。",
    "他社製品も比較中。比較表を希望されています。",
    "拠点が3か所あり、承認の遅れが課題とのことです。",
    "部長の了承が必要。次回は同席いただけるよう調整します。",
    "デモを希望。来週以降で日程を調整します。",
    "今の契約の更新が半年後。時期を見て再度ご連絡します。",
    "価格感を先に知りたいとのことで、料金表をお送りしました。",
)
HANDOVER_NOTES = (
    "課題は承認待ちの長さ。現場の責任者にも同席いただけます。",
    "来期から利用開始が希望。先に概算見積をご用意ください。",
    "比較先は2社。導入支援の手厚さを重視されています。",
    "既存の会計システムとの連携可否が判断の分かれ目です。",
    "代表が乗り気です。現場の負担を心配されています。",
)


def _table(text: str) -> list[tuple[str, ...]]:
    return [tuple(entry.split()) for line in text.strip().splitlines() for entry in line.split("|")]


PLACES, TRADES, SURNAMES, GIVEN = (_table(t) for t in (_PLACES, _TRADES, _SURNAMES, _GIVEN))


class Firm(NamedTuple):
    """An invented company; `domain` lies under example.jp, which belongs to nobody."""

    name: str
    domain: str
    segment: str


class Contact(NamedTuple):
    """An invented person at an invented company."""

    firm: Firm
    name: str
    name_kana: str
    email: str
    phone: str
    title: str


def firms(dice: Dice) -> Iterator[Firm]:
    """Yield companies, each once, in an order decided by the dice; there are about 3,700."""
    pairs = [(place, trade) for place in PLACES for trade in TRADES]
    for (place, slug), (trade, line, _, size) in dice.some_of(pairs, len(pairs)):
        bare = f"{place}{trade}"
        name = dice.one_of(
            (f"株式会社{bare}", f"{bare}株式会社", f"有限会社{bare}", f"合同会社{bare}"), (48, 44, 4, 4)
        )
        yield Firm(name, f"{slug}-{line}.example.jp", size)


def reached_alone(somebody: Contact, taken: set[str]) -> Contact:
    """The same person with a number that nobody has yet, the next free one; it is taken from then on."""
    area, nobody, number = somebody.phone.split("-")
    digits = int(number)
    while (phone := f"{area}-{nobody}-{digits:04d}") in taken:
        digits = (digits + 1) % 10_000
    taken.add(phone)
    return somebody._replace(phone=phone)


def contact(dice: Dice, firm: Firm) -> Contact:
    """Return somebody who works there."""
    surname, surname_kana, family = dice.one_of(SURNAMES)
    given, given_kana, first = dice.one_of(GIVEN)
    # The middle block 0000 is given to nobody.
    phone = f"0{dice.one_of((3, 6, 52, 92))}-0000-{dice.whole(0, 9999):04d}"
    return Contact(
        firm,
        f"{surname} {given}",
        f"{surname_kana} {given_kana}",
        f"{first}.{family}@{firm.domain}",
        phone,
        dice.one_of(TITLES),
    )
