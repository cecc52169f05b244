"""Pure. Why a row or a file was refused, and what was noticed about it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funnel.errors import SENTENCES, BadValue
from funnel.words import Words

ROW: dict[str, Words] = {
    "missing_columns": Words(
        "This row has {found} cells, the header has {expected}.",
        "この行は{found}列です(見出しは{expected}列)。",
    ),
    "extra_columns": Words(
        "This row has {found} cells, the header has {expected}. A comma inside a cell needs quotes around it.",
        "この行は{found}列あり、見出しの{expected}列より多いです。カンマを含むセルは引用符で囲んでください。",
    ),
    "nul": Words("This row contains a NUL character.", "この行にNUL文字が含まれています。"),
    "bad_bytes": Words(
        "This row contains characters of another encoding.", "この行に別の文字コードの文字が含まれています。"
    ),
    "bad_quotes": Words(
        "A quotation mark stands inside a cell. Double it, and put the cell in quotes.",
        "セルの途中に引用符があります。引用符を二重にし、セル全体を引用符で囲んでください。",
    ),
    "unclosed_quote": Words(
        "A quotation mark opens here and is not closed properly.",
        "ここで始まる引用符が正しく閉じられていません。",
    ),
    "cell_too_long": Words(
        "A cell is longer than {limit} characters.", "{limit}文字を超えるセルがあります。"
    ),
    "row_too_long": Words("The row is longer than {limit} characters.", "行が{limit}文字を超えています。"),
    "too_long": Words(
        "“{field}” is longer than {limit} characters.", "「{field}」が{limit}文字を超えています。"
    ),
    "field_required": Words("“{field}” is empty.", "「{field}」が空です。"),
    "unknown_lead": Words(
        "No lead is known as “{value}”. Import the leads first.",
        "「{value}」に当てはまるリードがありません。先にリードを取り込んでください。",
    ),
    "unknown_customer": Words(
        "No customer is known as “{value}”.", "「{value}」に当てはまる顧客がありません。"
    ),
    "bad_number": Words(
        "“{value}” is not a number of zero or more.", "「{value}」は0以上の数値ではありません。"
    ),
    "bad_currency": Words(
        "“{value}” is not a currency code such as JPY.", "「{value}」はJPYのような通貨コードではありません。"
    ),
    "date_order": Words(
        "“{value}” can be read as day/month or as month/day. Say which comes first (--dates dmy or mdy).",
        "「{value}」は日と月のどちらが先か判断できません。順序を指定してください(コマンドでは --dates dmy または mdy)。",
    ),
    "dates_contradict": Words(
        "Stage, won date and lost date contradict each other.", "段階・受注日・失注日が矛盾しています。"
    ),
    "not_one_person": Words(
        "External id and e-mail belong to different persons.",
        "外部IDとメールアドレスが別々の方を指しています。",
    ),
    "person_erased": Words(
        "This person's data was erased on request and is not taken in again.",
        "この方の個人情報は依頼により消去されているため、取り込みません。",
    ),
}

FILE: dict[str, Words] = {
    "empty_file": Words("The file is empty.", "ファイルが空です。"),
    "not_csv": Words(
        "This is not a text file. Save it as CSV and try again.",
        "テキストファイルではありません。CSV形式で保存し直してください。",
    ),
    "workbook": Words(
        "This is an Excel workbook (or a zip file). In Excel choose “Save as”, then “CSV UTF-8”, and send that file.",
        "Excelブック(またはzip)ファイルです。Excelの「名前を付けて保存」で「CSV UTF-8」を選び、"
        "保存したファイルを取り込んでください。",
    ),
    "header_only": Words(
        "The file has a header line but no rows.", "見出し行だけで、データの行がありません。"
    ),
    "bad_encoding": Words(
        "The encoding of this file is not recognised. Save it as UTF-8 and try again.",
        "文字コードを判別できません。UTF-8で保存し直してください。",
    ),
    "unknown_encoding": Words("Unknown encoding “{value}”.", "文字コード「{value}」には対応していません。"),
    "too_many_columns": Words(
        "The header has more than {limit} columns.", "見出しの列数が{limit}を超えています。"
    ),
    "bad_header": Words(
        "The first line cannot be read as a header ({why}).", "1行目を見出しとして読み取れません({why})。"
    ),
    "unknown_column": Words(
        "The file has no column “{value}”. It has: {choices}.",
        "「{value}」という列がありません。ファイルの列: {choices}",
    ),
    "column_twice": Words("The column “{value}” appears twice.", "「{value}」という列が2つあります。"),
    "no_known_column": Words(
        "No column was recognised. Name them with --map field=column. Fields: {choices}.",
        "認識できる列がありません。--map 項目=列 で指定してください。項目: {choices}",
    ),
    "too_many_rows": Words(
        "The file has more than {limit} rows. Split it, or have it imported on the command line.",
        "行数が{limit}を超えています。分割するか、コマンドラインでの取り込みを管理者に依頼してください。",
    ),
    "file_too_large": Words(
        "The file is larger than {limit} MB. Split it, or have it imported on the command line.",
        "ファイルが{limit}MBを超えています。分割するか、コマンドラインでの取り込みを管理者に依頼してください。",
    ),
    "file_missing": Words("The file “{value}” cannot be read.", "ファイル「{value}」を読み込めません。"),
    "run_elsewhere": Words(
        "This file is being imported elsewhere right now.", "このファイルは現在、別の処理で取り込み中です。"
    ),
}

KEPT: dict[str, Words] = {
    "worked_on": Words(
        "Somebody has worked on this record since.", "取り込み後に、担当者がこの記録を更新しています。"
    ),
    "imported_since": Words(
        "A later file speaks of this record. Undo that one first.",
        "後から取り込んだファイルがこの記録を更新しています。先にそちらを取り消してください。",
    ),
    "lead_open": Words(
        "The person has another open lead since.", "この方には、その後に登録された対応中のリードがあります。"
    ),
    "changed_since": Words("The figure was changed since.", "取り込み後に数値が変更されています。"),
    "gone": Words("The record is no longer there.", "対象の記録が見つかりません。"),
}
"""Why a row stays although its file was undone."""

FLAGS: dict[str, Words] = {
    "date_conflict": Words("Dates are out of order", "日付の前後が逆です"),
    "inferred": Words("An earlier stage has no date of its own", "前の段階に日付がありません"),
    "skipped": Words("Known already, left as it is", "登録済みのため変更なし"),
    "same_person": Words(
        "The person already has an open lead under another id",
        "同じ方の対応中リードが別のIDで登録されています",
    ),
}


class FileRefused(BadValue):
    """The file as a whole cannot be read. Nothing was written."""

    def say(self, language: str | None) -> str:
        """The sentence in `language`."""
        return sentence(self.code, {"field": self.field or "", **self.params}, language)


def sentence(code: str, params: Mapping[str, Any], language: str | None) -> str:
    """What a reason says in `language`; reasons shared with other doors come from their table.

    A parameter that is a pair (words stored as JSON) is said in the language too.
    """
    words = ROW.get(code) or FILE.get(code) or SENTENCES[code]
    filled = {k: Words(*v).say(language) if isinstance(v, list | tuple) else v for k, v in params.items()}
    return words.say(language, **filled)
