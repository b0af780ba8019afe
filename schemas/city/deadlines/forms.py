"""The forms that are understood, one example each; docs/deadlines.md shows this table and a test reads every line."""

from __future__ import annotations

from typing import NamedTuple


class Form(NamedTuple):
    """One way to write a time limit, and what it means."""

    text: str
    meaning: str


FORMS = (
    Form("自信息形成或者变更之日起20个工作日内", "formed + 20 WD"),
    Form("信息形成（变更）20个工作日", "formed + 20 WD"),
    Form("20工作日", "formed + 20 WD"),
    Form("２０个工作日内", "formed + 20 WD"),
    Form("二十个工作日内予以公开", "formed + 20 WD"),
    Form("自信息形成之日起，最迟不超过20个工作日", "formed + 20 WD"),
    Form("自作出决定之日起7个工作日内", "decided + 7 WD"),
    Form("批复后20日内向社会公开", "approved + 20 CD"),
    Form("批准之日起一个月内", "approved + 1 M"),
    Form("签订之日起两周内", "signed + 14 CD"),
    Form("知悉之时起48小时内", "obtained + 48 H"),
    Form("决定当日", "decided + 0 WD"),
    Form("制定或获取信息之日起10个工作日内，公示7个工作日", "obtained + 10 WD, shown 7 WD"),
    Form("收到评标报告之日起3日内公示，不少于3日", "obtained + 3 CD, shown 3 CD"),
    Form("形成之日起5个工作日内公示，公示期不少于10个工作日", "formed + 5 WD, shown 10 WD"),
    Form("决策前公开，征集期不少于30日", "before decided, shown 30 CD"),
    Form("听证会举行前7日", "7 CD before effective"),
    Form("听证会召开7个工作日前", "7 WD before effective"),
    Form("及时公开", "formed + 5 WD, vague"),
    Form("及时公开（3个工作日内）", "formed + 3 WD, vague"),
    Form("签署公布后及时公开", "signed + 5 WD, vague"),
    Form("及时公开，最迟不超过20个工作日", "formed + 20 WD"),
    Form("实时公开", "formed + 24 H"),
    Form("长期公开", "formed + 20 WD, lasting"),
    Form("公示≥10个工作日", "formed + 20 WD, shown 10 WD"),
    Form("信息形成之日起20个工作日内，长期公开", "formed + 20 WD, lasting"),
    Form("每年1月31日前", "cron 01-31"),
    Form("次年三月底前", "cron +03-31"),
    Form("次月10日前", "cron +*-10"),
    Form("次月底前", "cron +*-31"),
    Form("当年12月31日前", "cron =12-31"),
    Form("每年年底前", "cron 12-31"),
    Form("每月1日", "cron *-01"),
    Form("每月底前", "cron *-31"),
    Form("每季度末前", "cron Q3-31"),
    Form("每季度首月15日前", "cron Q1-15"),
    Form("每半年末前", "cron H6-31"),
    Form("每季度公开一次", "cron Q3-31"),
    Form("每季度结束后15日内", "cron Q3-31 + 15 CD"),
    Form("年度终了后20个工作日内", "cron 12-31 + 20 WD"),
    Form("每年3月15日后10日内", "cron 03-15 + 10 CD"),
    Form("自信息形成或者变更之日起20个工作日内，法律、法规另有规定的，从其规定", "formed + 20 WD"),
)
